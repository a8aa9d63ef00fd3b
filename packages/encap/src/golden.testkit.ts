import { readFileSync } from 'node:fs';

/** Cases of test/golden/<name>.json, bytes made by scapy (test/make-golden.py). All byte strings are hex. */
export function golden<Case extends { name: string }>(name: string): Case[] {
  const path = new URL(`../test/golden/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }).cases;
}
