/** Keys of a shortcut. @param isNamed the control that they stand in tells screen readers itself */
export function Kbd({ keys, isNamed = false }: { readonly keys: string; readonly isNamed?: boolean }) {
  return (
    <kbd className="kbd" aria-hidden={isNamed}>
      {keys}
    </kbd>
  );
}
