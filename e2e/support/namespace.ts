import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, run } from './run.js';
import { Running } from './running.js';

/** One network namespace: a machine of the topology. */
export class Namespace {
  #batches = 0;

  /**
   * @param name of the namespace, unique on this machine
   * @param title what the topology calls it, such as `s1`
   * @param folder for the files of its programs
   */
  constructor(
    readonly name: string,
    readonly title: string,
    readonly folder: string,
  ) {}

  /** Makes the namespace, with its loopback interface on. */
  async create(): Promise<void> {
    const { status, stderr } = await run('ip', ['netns', 'add', this.name]);
    if (status !== 0) throw new Error(`${this.title}: ${stderr.trim()}`);
    await this.ip('link set lo up');
  }

  /** The words that run a program in here. `ip netns exec` becomes the program, so that its process id is the program's. */
  command(...words: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.name, ...words];
  }

  /** Runs a program to its end. */
  run(...words: readonly string[]): Promise<Finished> {
    const [program, ...args] = this.command(...words);
    return run(program!, args);
  }

  /** Runs a program that has to succeed; gives what it printed. */
  async must(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status !== 0) throw new Error(`${this.title}: ${words.join(' ')} ended with ${status}: ${stderr || stdout}`);
    return stdout;
  }

  /** Starts a program in the background. Whoever starts it ends it; what is forgotten ends with the namespace. */
  start(...words: readonly string[]): Running {
    return new Running(`${words[0]} in ${this.title}`, this.command(...words));
  }

  /** Carries out lines of `ip`, all of them or up to the first that fails. */
  async ip(...lines: readonly string[]): Promise<void> {
    const path = join(this.folder, `${this.title}-${this.#batches++}.ip`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    const { status, stderr } = await run('ip', ['-n', this.name, '-batch', path]);
    if (status !== 0) throw new Error(`${this.title}: ${stderr.trim()} (${lines.join('; ')})`);
  }

  /** What an `ip -j` question answers. */
  async ipJson<T>(...words: readonly string[]): Promise<T[]> {
    const { status, stdout, stderr } = await run('ip', ['-n', this.name, '-j', ...words]);
    if (status !== 0) throw new Error(`${this.title}: ip ${words.join(' ')}: ${stderr.trim()}`);
    return stdout.trim() === '' ? [] : (JSON.parse(stdout) as T[]);
  }

  async sysctl(settings: Readonly<Record<string, string | number>>): Promise<void> {
    const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    await this.must('sysctl', '-q', '-w', ...words);
  }
}
