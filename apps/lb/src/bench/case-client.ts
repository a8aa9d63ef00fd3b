import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EngineCase, TableState, Window } from './engine-case.js';

/**
 * One case in a thread of its own. V8 compiles the stages for the one engine of a thread; two engines in one thread
 * would measure something that no worker does. Ask one case at a time.
 */
export class CaseClient {
  private readonly thread: Worker;

  constructor(readonly about: EngineCase) {
    this.thread = new Worker(new URL('./case-thread.js', import.meta.url), { workerData: about });
  }

  /** The first window waits for the warm-up, which is not measured. */
  measure(ms: number): Promise<Window> {
    return this.ask({ ms });
  }

  state(): Promise<TableState> {
    return this.ask('state');
  }

  async end(): Promise<void> {
    await this.thread.terminate();
  }

  private async ask<Answer>(question: unknown): Promise<Answer> {
    this.thread.postMessage(question);
    // An error of the thread rejects this.
    const [answer] = (await once(this.thread, 'message')) as [Answer];
    return answer;
  }
}
