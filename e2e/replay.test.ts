import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedVerdicts, type Verdict } from './support/expected-verdicts.js';
import { actualLooks, expectedLooks } from './support/looks.js';
import { describeNeeding } from './support/needs.js';
import { capturesDir, configsDir } from './support/paths.js';
import { type ReplayReport, replay, sum } from './support/replay.js';
import { runLb } from './support/run.js';
import { serversOfFlows } from './support/servers-of-flows.js';
import { decode, type Frame } from './support/tshark.js';
import { vipTypes } from './support/vip-types.js';

const captures = readdirSync(capturesDir).filter((name) => /[.]pcap(ng)?$/.test(name));
const folder = mkdtempSync(join(tmpdir(), 'lb-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each capture is decoded once, however many configurations it goes through. */
const decoded = new Map<string, Promise<Frame[]>>();
function decodedCapture(name: string): Promise<Frame[]> {
  const frames = decoded.get(name) ?? decode(join(capturesDir, name));
  decoded.set(name, frames);
  return frames;
}

describeNeeding(['tshark'], 'the recorded captures', () => {
  it.concurrent.each(captures)('%s decodes without a problem', async (name) => {
    expect(problems(await decodedCapture(name))).toEqual([]);
  });
});

describeNeeding(['tshark'], 'replay of real traffic', () => {
  describe.each(vipTypes)('$name', (type) => {
    it.concurrent.each(captures)('%s', async (name) => {
      const input = await decodedCapture(name);
      const path = join(folder, `${type.name}-${name}`);
      const report = await replay(join(capturesDir, name), path, type);
      const output = await decode(path);
      const verdicts = expectedVerdicts(input, type);

      expect(problems(output)).toEqual([]);
      expectCounts(report, verdicts, output.length);
      const forwarded = input.filter((_, index) => verdicts[index] === 'forward');
      expect(output.map((frame, index) => actualLooks(frame, forwarded[index]!, type))).toEqual(
        forwarded.map((frame) => expectedLooks(frame, type)),
      );
      expect([...serversOfFlows(output, type)].filter(([, servers]) => servers.size !== 1)).toEqual([]);
    });
  });
});

describeNeeding(['tshark'], 'the check of what replay wrote', () => {
  const type = vipTypes[0]!;

  it('notices one wrong byte', async () => {
    const path = join(folder, 'one-wrong-byte.pcap');
    await replay(join(capturesDir, 'http-ip4.pcap'), path, type);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(problems(await decode(path))).not.toEqual([]);
  });

  it('notices a file that ends early', async () => {
    const path = join(folder, 'ends-early.pcap');
    await replay(join(capturesDir, 'http-ip4.pcap'), path, type);
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    await expect(decode(path)).rejects.toThrow(/cut short/);
  });
});

describe('replay', () => {
  const input = join(capturesDir, 'http-ip4.pcap');
  const config = join(configsDir, 'ip4-gre4.lb');
  const wrongConfig = join(folder, 'wrong.lb');
  const cutInput = join(folder, 'cut.pcap');
  beforeAll(() => {
    writeFileSync(wrongConfig, 'lb vip 90.0.0.0/8 encap gre4\nlb vip 90.0.0.0/33\n');
    writeFileSync(cutInput, readFileSync(input).subarray(0, -1));
  });

  it('writes the same bytes each time', async () => {
    const paths = ['first.pcap', 'second.pcap'].map((name) => join(folder, name));
    for (const path of paths) await replay(input, path, vipTypes[0]!);
    const [first, second] = paths.map((path) => readFileSync(path));
    expect(first!.equals(second!)).toBe(true);
  });

  it.each([
    ['a configuration that is wrong', input, wrongConfig],
    ['a capture that ends early', cutInput, config],
    ['a file that is no capture', config, config],
    ['no input', join(folder, 'none.pcap'), config],
  ])('given %s, says so in one line and writes nothing', async (_, from, using) => {
    const existing = join(folder, 'existing.pcap');
    writeFileSync(existing, 'what was here before');
    const absent = join(folder, 'absent.pcap');
    for (const to of [existing, absent]) {
      const { status, stdout, stderr } = await runLb('replay', from, to, '--exec', using, '--json');
      expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(/^.+\n$/) });
    }
    expect(readFileSync(existing, 'utf8')).toBe('what was here before');
    expect(existsSync(absent)).toBe(false);
  });
});

function problems(frames: readonly Frame[]): string[] {
  return frames.flatMap(({ number, problems }) => problems.map((problem) => `frame ${number}: ${problem}`));
}

/** The report agrees with the verdicts, with the file, and with itself. */
function expectCounts(report: ReplayReport, verdicts: readonly Verdict[], framesWritten: number): void {
  const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
  const dropped = sum(Object.values(report.dropped));
  const { packets, forwarded, replied, punted } = report;
  expect({ packets, forwarded, replied, punted, dropped }).toEqual({
    packets: verdicts.length,
    forwarded: count('forward'),
    replied: count('reply'),
    punted: count('punt'),
    dropped: count('drop'),
  });
  expect(framesWritten).toBe(forwarded);
  expect(sum(Object.values(report.puntedBy))).toBe(punted);
  const servers = report.vips.flatMap(({ ass }) => ass);
  expect(sum(servers.map((server) => server.packets))).toBe(forwarded);
  expect(Object.keys(report.dropped).filter((reason) => report.dropped[reason]! > 0)).toEqual(
    dropped > 0 ? ['ttl-expired'] : [],
  );
}
