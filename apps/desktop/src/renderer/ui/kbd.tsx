/** Keys of a shortcut; read out as part of the control that they stand in. */
export function Kbd({ keys }: { readonly keys: string }) {
  return <kbd className="kbd">{keys}</kbd>;
}
