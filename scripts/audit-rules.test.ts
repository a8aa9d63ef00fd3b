import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { describe, expect, it } from 'vitest';
import {
  type Advisory,
  advisoryProblems,
  auditProblems,
  deprecatedProblems,
  licenceProblems,
  lockProblems,
  productionPackages,
  rangeProblems,
  scriptProblems,
} from './audit-rules.mjs';

const hash = `sha512-${'a'.repeat(86)}==`;
/** A lock file of one program with `kept`, which needs `inner`, and the tool `tool`. */
const lock = {
  lockfileVersion: '9.0',
  importers: { app: { dependencies: { kept: { version: '1.0.0(peer@2.0.0)' } }, devDependencies: { tool: {} } } },
  packages: {
    'kept@1.0.0': { resolution: { integrity: hash } },
    '@some/inner@3.0.0': { resolution: { integrity: hash } },
    'tool@4.0.0': { resolution: { integrity: hash }, deprecated: 'use another' },
  },
  snapshots: {
    'kept@1.0.0(peer@2.0.0)': { dependencies: { '@some/inner': '3.0.0' } },
    '@some/inner@3.0.0': {},
    'tool@4.0.0': {},
  },
};

describe('versions', () => {
  it.each(['^1.0.0', '~1.0.0', '1.x', 'latest', '>=1', '*', 'git+ssh://host/a.git', 'file:../a', '1.0', 'workspace:^'])(
    "'%s' is not exact",
    (spec) => {
      expect(rangeProblems({ 'package.json': { devDependencies: { a: spec } } }, {})).toEqual([
        `package.json: a is '${spec}', not one version`,
      ]);
    },
  );

  it('are looked for everywhere', () => {
    const some = { a: '^1.0.0' };
    const manifest = {
      dependencies: some,
      devDependencies: some,
      optionalDependencies: some,
      packageManager: 'pnpm@10',
    };
    expect(rangeProblems({ 'package.json': manifest }, { overrides: some })).toHaveLength(5);
  });

  it('that are exact, and packages of the workspace, are well', () => {
    const manifest = { dependencies: { a: '1.0.0', b: 'workspace:*' }, packageManager: 'pnpm@10.34.9' };
    expect(rangeProblems({ 'package.json': manifest }, { overrides: { c: '2.0.0-beta.1' } })).toEqual([]);
  });
});

describe('the lock file', () => {
  it('with a hash for each package is well', () => {
    expect(lockProblems(lock)).toEqual([]);
  });

  it.each([
    [{ integrity: hash, tarball: 'https://example.org/a.tgz' }, 'a@1.0.0 comes from a tarball'],
    [{ integrity: hash, repo: 'host', commit: '1' }, 'a@1.0.0 comes from a repo'],
    [{}, 'a@1.0.0 has no SHA-512'],
    [{ integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'a@1.0.0 has no SHA-512'],
  ])('%o', (resolution, problem) => {
    expect(lockProblems({ ...lock, packages: { 'a@1.0.0': { resolution } } })).toContain(problem);
  });

  it('of another version is not understood', () => {
    expect(lockProblems({ ...lock, lockfileVersion: '6.0' })).toHaveLength(1);
  });

  it('tells what the product is made of', () => {
    expect([...productionPackages(lock)].sort()).toEqual(['@some/inner@3.0.0', 'kept@1.0.0']);
  });
});

describe('install scripts', () => {
  const scripts = { postinstall: 'node steal.js' };

  it('that nobody has looked at are told', () => {
    const installed = [
      { name: 'quiet', hasGyp: false, scripts: { test: 'x' } },
      { name: 'loud', hasGyp: false, scripts },
      { name: 'native', hasGyp: true },
      { name: 'known', hasGyp: false, scripts },
    ];
    const problems = scriptProblems({ ignoredBuiltDependencies: ['known'] }, installed);
    expect(problems.map((text) => text.split(' ')[0])).toEqual(['loud', 'native']);
  });

  it('that would run are told', () => {
    expect(scriptProblems({ onlyBuiltDependencies: ['loud'] }, [])).toHaveLength(1);
    expect(scriptProblems({ dangerouslyAllowAllBuilds: true }, [])).toHaveLength(1);
  });
});

it('licences: one of a choice is enough', () => {
  const byLicence = {
    MIT: [{ name: 'a' }],
    '(MIT OR GPL-3.0)': [{ name: 'b' }],
    'GPL-3.0': [{ name: 'c' }],
    Unknown: [{ name: 'd' }],
  };
  expect(licenceProblems(byLicence)).toEqual(['c has the licence GPL-3.0', 'd has the licence Unknown']);
});

it('what is deprecated may be a tool, not a part of the product', () => {
  expect(deprecatedProblems(lock)).toEqual([]);
  const packages = { ...lock.packages, '@some/inner@3.0.0': { deprecated: 'unsafe' } };
  expect(deprecatedProblems({ ...lock, packages })).toEqual(['@some/inner@3.0.0 is deprecated: unsafe']);
});

describe('advisories', () => {
  it('concern versions in their range, pre-releases too', () => {
    const packages = {
      '@some/inner@3.0.0': {},
      '@some/inner@3.1.0-rc.1': {},
      '@some/inner@3.2.0': {},
      'inner@3.0.0': {},
    };
    expect(
      advisoryProblems({ ...lock, packages }, [{ id: 'GHSA-1', package: '@some/inner', vulnerable: '<3.2.0' }]),
    ).toEqual(['@some/inner@3.0.0: GHSA-1 (<3.2.0)', '@some/inner@3.1.0-rc.1: GHSA-1 (<3.2.0)']);
  });

  it('that are kept name what they are about', () => {
    const kept = JSON.parse(readFileSync(join(import.meta.dirname, 'advisories.json'), 'utf8')) as Advisory[];
    for (const { id, package: name, vulnerable } of kept) {
      expect(id).toMatch(/^(GHSA(-[2-9cfghjmpqrvwx]{4}){3}|CVE-\d{4}-\d{4,})$/);
      expect(name).not.toBe('');
      expect(semver.validRange(vulnerable), id).not.toBeNull();
    }
    expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
  });
});

describe('the answer of the registry', () => {
  it('is a problem from severity high on', () => {
    const advisory = (severity: string) => ({ module_name: 'a', severity, title: 'bad', github_advisory_id: 'GHSA-1' });
    const advisories = Object.fromEntries(['low', 'moderate', 'high', 'critical'].map((one) => [one, advisory(one)]));
    expect(auditProblems(JSON.stringify({ advisories }))).toEqual({
      problems: ['a: GHSA-1 (high) bad', 'a: GHSA-1 (critical) bad'],
    });
    expect(auditProblems('{"advisories": {}}')).toEqual({ problems: [] });
  });

  it.each([
    ['{"error": {"code": "ERR_PNPM_AUDIT_BAD_RESPONSE", "message": "405"}}', 'ERR_PNPM_AUDIT_BAD_RESPONSE'],
    ['getaddrinfo ENOTFOUND', 'getaddrinfo ENOTFOUND'],
    ['', 'no answer'],
    ['{}', 'an answer of another form'],
  ])('that is none is no problem, and not "nothing found" either: %s', (answer, unanswered) => {
    expect(auditProblems(answer)).toEqual({ unanswered });
  });
});
