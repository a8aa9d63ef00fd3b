import { TestApi } from '../../../../packages/control/src/api/api.testkit.js';
import { type Ran, runMain, TestFolder } from '../cli.testkit.js';

/** The API over a balancer without a dataplane, and commands that go to its socket. */
export class CommandApi {
  private constructor(
    readonly test: TestApi,
    readonly socket: string,
  ) {}

  readonly folder = new TestFolder();

  /** VIPs 90.0.0.0/8 with ASs 10.0.0.1 and 10.0.0.2 (weight 50), and 91.1.2.1/32 tcp port 80 with 10.0.0.3. */
  static async open(): Promise<CommandApi> {
    const test = await TestApi.open();
    return new CommandApi(test, await test.listen());
  }

  get config() {
    return this.test.balancer.config;
  }

  get revision(): number {
    return this.test.balancer.revisions.current.number;
  }

  run(...words: readonly string[]): Promise<Ran> {
    return runMain(...words, '--socket', this.socket);
  }

  /** The output of a command that has to succeed without a word on standard error. */
  async output(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status !== 0 || stderr !== '') throw new Error(`lb ${words.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  async json<T>(...words: readonly string[]): Promise<T> {
    return JSON.parse(await this.output(...words, '--json')) as T;
  }

  async close(): Promise<void> {
    this.folder.remove();
    await this.test.close();
  }
}
