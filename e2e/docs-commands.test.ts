import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './support/paths.js';

/**
 * The commands of the documents' blocks that open with ```sh run: each line that begins with `$ `, with its
 * continuation lines. The other lines show output.
 */
function runnableCommands(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```sh run\n(.*?)^```$/gms)].map(([, body]) => body!);
  return blocks.flatMap((body) =>
    body
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.slice(2)),
  );
}

function documents(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(repositoryRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name));
  return ['.', 'docs', 'e2e/captures'].filter((folder) => existsSync(join(repositoryRoot, folder))).flatMap(inFolder);
}

describe('the commands of the documents', () => {
  const commands = documents().flatMap((path) =>
    runnableCommands(readFileSync(join(repositoryRoot, path), 'utf8')).map((command) => ({ path, command })),
  );

  it('are found in the README', () => {
    expect(commands.filter(({ path }) => path === 'README.md')).not.toEqual([]);
  });

  for (const { path, command } of commands) {
    it(`${path}: ${command}`, () => {
      mkdirSync(join(repositoryRoot, 'build'), { recursive: true });
      const { status, stderr } = spawnSync(command, { cwd: repositoryRoot, shell: true, encoding: 'utf8' });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    });
  }
});
