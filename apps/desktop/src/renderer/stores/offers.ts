/** Something that can be done now: what buttons, keys and the palette show alike. */
export interface Command {
  readonly text: string;
  readonly shortcut?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** What it means, where the text is too short to say. */
  readonly title?: string | undefined;
  run(): void;
}

/** What the views that are on screen offer to the palette. */
export class Offers {
  private readonly offers = new Set<() => readonly Command[]>();

  /** @param commands asked anew whenever the palette opens. @returns a function that takes the offer back */
  add(commands: () => readonly Command[]): () => void {
    this.offers.add(commands);
    return () => void this.offers.delete(commands);
  }

  /** All that can be done just now. */
  now(): readonly Command[] {
    return [...this.offers].flatMap((commands) => commands()).filter(({ disabled }) => !disabled);
  }
}
