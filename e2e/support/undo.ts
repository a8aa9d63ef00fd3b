/** What has to be undone in the end: the last thing first, and each of them whether or not another fails. */
export class Undo {
  readonly #steps: (() => unknown)[] = [];

  /** Remembers how to undo what has just been done. */
  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Undoes everything. @throws AggregateError with what went wrong, once all has been tried */
  async run(): Promise<void> {
    const problems: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (problem) {
        problems.push(problem);
      }
    }
    if (problems.length > 0) throw new AggregateError(problems, `not undone: ${problems.join('; ')}`);
  }
}
