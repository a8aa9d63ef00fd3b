import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LbError } from '@lb/core';
import { afterAll, expect, test } from 'vitest';
import { errorText } from './errors.js';
import { loadConfigFile, loadExecFile, MAX_CONFIG_BYTES } from './load-file.js';
import { parseConfig } from './validate.js';

const folder = mkdtempSync(join(tmpdir(), 'lb-load-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The one line that a person gets to read, with the folder's name left out. */
async function refused(read: Promise<unknown>): Promise<string> {
  const error = await read.then(
    () => expect.unreachable('the file was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LbError);
  return errorText(error as LbError).replaceAll(`${folder}/`, '');
}

test('YAML and command files of one configuration load the same', async () => {
  const yaml = file('a.yaml', 'timeout: 7\nvips:\n  - {prefix: 10.0.0.0/8, ass: [{address: 192.0.2.1}]}\n');
  const exec = file('a.lb', '# as above\nlb conf timeout 7\nlb vip 10.0.0.0/8\nlb as 10.0.0.0/8 192.0.2.1\nshow lb\n');
  const fromYaml = await loadConfigFile(yaml);
  const fromExec = await loadExecFile(exec);
  expect(fromExec.config).toEqual(fromYaml.config);
  expect(fromExec.effects).toHaveLength(1);
  expect(fromYaml.warnings.map(({ file, line }) => [file, line])).toEqual([[yaml, 1]]);
});

test('commands are applied to the configuration given', async () => {
  const { config: base } = parseConfig({ flowHash: 'vpp', vips: [{ prefix: '10.0.0.0/8' }] });
  const { config } = await loadExecFile(file('b.lb', 'lb as 10.0.0.0/8 192.0.2.1'), base);
  expect(config.flowHash).toBe('vpp');
  expect(config.vips[0]!.ass).toEqual([{ address: '192.0.2.1', weight: 100, state: 'enabled' }]);
});

test('problems name file, line and column', async () => {
  expect(await refused(loadConfigFile(file('c.yml', 'timeout: 0')))).toBe(
    'c.yml:1:10: timeout must be a whole number from 1 to 604800, got 0 (LB_CFG_TIMEOUT)',
  );
  expect(await refused(loadExecFile(file('c.lb', '\nlb conf timeout 0')))).toBe(
    "c.lb:2:17: timeout must be a whole number from 1 to 604800, got '0' (LB_CFG_TIMEOUT)",
  );
});

test('a file that is not there, or no file', async () => {
  expect(await refused(loadExecFile(join(folder, 'none.lb')))).toBe(
    'none.lb: cannot read the file: there is no such file (LB_CFG_FILE_READ)',
  );
  expect(await refused(loadExecFile(folder))).toMatch(/cannot read the file: it is a directory \(LB_CFG_FILE_READ\)$/);
});

test('YAML must be called so', async () => {
  expect(await refused(loadConfigFile(file('d.lb', 'show lb')))).toBe(
    'd.lb: the name of a configuration file must end in .yaml or .yml; command lines go to --exec (LB_CFG_FILE_TYPE)',
  );
});

test('binary and mis-encoded files', async () => {
  expect(await refused(loadExecFile(file('e.pcap', Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0))))).toBe(
    'e.pcap: this is not a text file: it has a zero byte (LB_CFG_FILE_BINARY)',
  );
  expect(await refused(loadConfigFile(file('e.yaml', Uint8Array.of(0x61, 0x3a, 0xe4, 0x0a))))).toBe(
    'e.yaml: this is not UTF-8 text (LB_CFG_FILE_BINARY)',
  );
});

test('a file larger than is accepted is not read to its end', async () => {
  const path = file('f.lb', '#');
  truncateSync(path, MAX_CONFIG_BYTES + 1);
  expect(await refused(loadExecFile(path))).toBe('f.lb: the file is larger than 67108864 bytes (LB_CFG_FILE_SIZE)');
});

test('a pipe will do', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const loading = loadExecFile(path);
  writeFileSync(path, 'lb vip 10.0.0.0/8\n');
  expect((await loading).config.vips).toHaveLength(1);
});
