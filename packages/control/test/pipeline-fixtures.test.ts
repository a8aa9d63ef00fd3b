import { readdirSync, readFileSync } from 'node:fs';
import { asKey, Engine, ImageCompiler, type ImageSpec, REASONS, ticksOfMs, VERDICT_NAMES, vipKey } from '@lb/dataplane';
import { describe, expect, it } from 'vitest';
import { applyCommands, emptyConfig, parseCommands, resolveConfig } from '../src/index.js';
import { FixtureQueue } from './fixture-queue.testkit.js';

/*
 * Frames and expectations made by scapy (packages/dataplane/test/fixtures/README.md), from command lines to bytes: the
 * grammar, the model, the image and the whole pipeline. One packet to a burst.
 */

interface Template {
  hex: string;
  port: string;
  portOffset: number;
  checksumOffset: number;
  differsFrom?: (number | string)[];
}

interface Step {
  in?: string;
  inTemplate?: Template;
  ms?: number;
  fill?: { byte: number; count: number };
  sweep?: { offset: number; from: number; to: number };
  expect: {
    verdict: string;
    reason?: string;
    out?: string[];
    outTemplate?: Template[];
    resolves?: { step: number; verdict: string; reason?: string }[];
  };
}

interface Case {
  name: string;
  description: string;
  config: string[];
  options: { flowHash?: 'fast' | 'vpp'; table?: 'maglev' | 'vpp' };
  dropsAtLeast?: Record<string, number>;
  steps: Step[];
  counters: {
    vips?: { existing: number; first: number; untracked: number; noServer: number }[];
    ass?: { packets: number; bytes: number }[][];
    drops: Record<string, number>;
    punts: Record<string, number>;
  };
}

const directory = new URL('../../dataplane/test/fixtures/', import.meta.url);
const PUNTS = new Set(['not-ip', 'no-vip', 'other-port', 'neighbour-discovery', 'echo-fragment']);

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Fill port P into a template (fixtures/README.md, "Templates"). */
function fillTemplate(template: Template, port: number): string {
  const bytes = Buffer.from(template.hex, 'hex');
  bytes.writeUInt16BE(port, template.portOffset);
  const sum = (~bytes.readUInt16BE(template.checksumOffset) & 0xffff) + port;
  bytes.writeUInt16BE(~((sum & 0xffff) + (sum >>> 16)) & 0xffff, template.checksumOffset);
  return bytes.toString('hex');
}

class Runner {
  readonly queue = new FixtureQueue();
  readonly spec: ImageSpec;
  readonly compiler = new ImageCompiler();
  readonly engine: Engine;
  readonly ports = new Map<string, number>();

  constructor(readonly test: Case) {
    const { config } = applyCommands(emptyConfig(), parseCommands(test.config.join('\n'), test.name));
    this.spec = resolveConfig({ ...config, ...test.options });
    const image = this.compiler.compile(this.spec);
    this.engine = new Engine({ image, source: this.queue, flowTableLines: config.buckets, secret: [1, 2, 3, 4] });
  }

  frame(step: Step, value?: number): Buffer {
    const hex = step.in ?? fillTemplate(step.inTemplate!, this.ports.get(step.inTemplate!.port)!);
    return this.complete(Buffer.from(hex, 'hex'), step, value);
  }

  complete(bytes: Buffer, step: Step, value?: number): Buffer {
    const { sweep, fill } = step;
    if (sweep !== undefined && value !== undefined) bytes.writeUInt16BE(value, sweep.offset);
    return fill === undefined ? bytes : Buffer.concat([bytes, Buffer.alloc(fill.count, fill.byte)]);
  }

  send(frame: Uint8Array, ms: number): { verdict: string; reason: string; out: string[] } {
    this.queue.waiting = [frame];
    this.queue.tick = ticksOfMs(ms + 5_000_000);
    this.queue.sent.length = 0;
    this.engine.poll(this.queue);
    const { burst } = this.engine;
    return {
      verdict: VERDICT_NAMES[burst.verdict[0]],
      reason: REASONS[burst.reason[0]][0],
      out: this.queue.sent.map(hexOf),
    };
  }

  checkStep(step: Step, index: number): void {
    const values = step.sweep === undefined ? [undefined] : range(step.sweep.from, step.sweep.to);
    for (const value of values) {
      const got = this.send(this.frame(step, value), step.ms ?? 0);
      const where = `step ${index}${value === undefined ? '' : ` value ${value}`}`;
      const { verdict, reason, out = [], outTemplate } = step.expect;
      if (verdict === 'any') continue;
      expect(`${where} ${got.verdict}`).toBe(`${where} ${verdict}`);
      if (reason !== undefined) expect(`${where} ${got.reason}`).toBe(`${where} ${reason}`);
      if (outTemplate !== undefined) this.checkTemplates(outTemplate, got.out);
      else expect(got.out).toEqual(out.map((hex) => hexOf(this.complete(Buffer.from(hex, 'hex'), step, value))));
    }
  }

  private checkTemplates(templates: Template[], out: string[]): void {
    expect(out).toHaveLength(templates.length);
    templates.forEach((template, k) => {
      this.checkTemplate(template, out[k]);
    });
  }

  private checkTemplate(template: Template, out: string): void {
    const port = Buffer.from(out, 'hex').readUInt16BE(template.portOffset);
    expect(port).not.toBe(0);
    for (const other of template.differsFrom ?? []) {
      expect(port).not.toBe(typeof other === 'number' ? other : this.ports.get(other));
    }
    if (!this.ports.has(template.port)) this.ports.set(template.port, port);
    expect(port).toBe(this.ports.get(template.port));
    expect(out).toBe(fillTemplate(template, port));
  }

  checkCounters(): void {
    const { counters } = this.engine;
    const want = this.test.counters;
    const reasons = Object.entries(counters.reasons()) as [string, number][];
    const drops = Object.fromEntries(reasons.filter(([name]) => !PUNTS.has(name)));
    const punts = Object.fromEntries(reasons.filter(([name]) => PUNTS.has(name)));
    for (const [name, least] of Object.entries(this.test.dropsAtLeast ?? {})) {
      expect(drops[name]).toBeGreaterThanOrEqual(least);
      delete drops[name];
    }
    expect(drops).toEqual(want.drops);
    expect(punts).toEqual(want.punts);
    const { vips } = this.spec;
    want.vips?.forEach((vip, v) => {
      expect(counters.vip(this.compiler.vipSlots.get(vipKey(vips[v]))!)).toMatchObject(vip);
    });
    want.ass?.forEach((ass, v) => {
      const got = vips[v].ass.map((as) => counters.as(this.compiler.asSlots.get(asKey(vips[v], as.address))!));
      expect(got).toMatchObject(ass);
    });
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, k) => from + k);
}

for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  const { cases } = JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as { cases: Case[] };
  describe(`scapy fixtures: ${file}`, () => {
    // Some cases send a packet for each of 65,536 ports.
    it.each(cases.map((test) => [test.name, test] as const))('%s', { timeout: 60_000 }, (_, test) => {
      const runner = new Runner(test);
      test.steps.forEach((step, index) => {
        runner.checkStep(step, index);
      });
      runner.checkCounters();
    });
  });
}
