import semver from 'semver';

/**
 * What the dependencies are held to, as functions of what was read: each gives its problems, one line each. They need no
 * network, so that they hold wherever the tests run.
 * @typedef {{[name: string]: string}} Specs
 * @typedef {{dependencies?: Specs, devDependencies?: Specs, optionalDependencies?: Specs, packageManager?: string}} Manifest
 * @typedef {{resolution?: Record<string, unknown>, deprecated?: string}} LockedPackage
 * @typedef {{version: string}} Reference
 * @typedef {{dependencies?: Record<string, Reference>, optionalDependencies?: Record<string, Reference>}} Importer
 * @typedef {{dependencies?: Specs, optionalDependencies?: Specs}} Snapshot
 * @typedef {object} Lock a pnpm-lock.yaml of version 9
 * @property {string} lockfileVersion
 * @property {Record<string, Importer>} importers
 * @property {Record<string, LockedPackage>} packages
 * @property {Record<string, Snapshot>} snapshots
 * @typedef {{overrides?: Specs, onlyBuiltDependencies?: string[], ignoredBuiltDependencies?: string[], dangerouslyAllowAllBuilds?: boolean}} Workspace
 * @typedef {{name: string, scripts?: Specs, hasGyp: boolean}} Installed
 * @typedef {{id: string, package: string, vulnerable: string}} Advisory
 */

/** Licences that ask for no more than to be named. */
export const LICENCES = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Packages whose install scripts may run: none. @type {readonly string[]} */
export const MAY_RUN_SCRIPTS = [];

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/**
 * Every version is one version: no range, tag, address or path.
 * @param {Record<string, Manifest>} manifests by path
 * @param {Workspace} workspace
 */
export function rangeProblems(manifests, workspace) {
  const specs = Object.entries(manifests).flatMap(([path, { packageManager, ...manifest }]) => [
    ...[manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap((some) =>
      Object.entries(some ?? {}).map(([name, spec]) => ({ path, name, spec })),
    ),
    ...(packageManager === undefined ? [] : [{ path, name: 'pnpm', spec: packageManager.replace(/^pnpm@/, '') }]),
  ]);
  const overrides = Object.entries(workspace.overrides ?? {});
  specs.push(...overrides.map(([name, spec]) => ({ path: 'pnpm-workspace.yaml', name, spec })));
  return specs
    .filter(({ spec }) => spec !== 'workspace:*' && semver.valid(spec) !== spec)
    .map(({ path, name, spec }) => `${path}: ${name} is '${spec}', not one version`);
}

/**
 * Every package comes from the registry by name and version, and is checked by its hash.
 * @param {Lock} lock
 */
export function lockProblems({ lockfileVersion, packages }) {
  if (!lockfileVersion.startsWith('9.')) return [`the lock file has version ${lockfileVersion}, not 9`];
  return Object.entries(packages).flatMap(([id, { resolution = {} }]) => {
    const { integrity, ...more } = resolution;
    const problems = Object.keys(more).map((what) => `${id} comes from a ${what}`);
    if (semver.valid(versionOf(id)) === null) problems.push(`${id} has no version`);
    if (!/^sha512-[\w+/]{86}==$/.test(String(integrity))) problems.push(`${id} has no SHA-512`);
    return problems;
  });
}

/**
 * No install script runs, and none has come that nobody has looked at.
 * @param {Workspace} workspace
 * @param {readonly Installed[]} installed
 */
export function scriptProblems(workspace, installed) {
  const { onlyBuiltDependencies = [], ignoredBuiltDependencies = [], dangerouslyAllowAllBuilds } = workspace;
  const allowed = new Set(MAY_RUN_SCRIPTS);
  const seen = new Set([...allowed, ...ignoredBuiltDependencies]);
  const problems = onlyBuiltDependencies
    .filter((name) => !allowed.has(name))
    .map((name) => `install scripts of ${name} run (onlyBuiltDependencies)`);
  if (dangerouslyAllowAllBuilds) problems.push('all install scripts run (dangerouslyAllowAllBuilds)');
  const withScripts = installed.filter(
    ({ scripts = {}, hasGyp }) => hasGyp || INSTALL_SCRIPTS.some((s) => s in scripts),
  );
  for (const name of new Set(withScripts.map((one) => one.name))) {
    if (!seen.has(name))
      problems.push(`${name} has an install script: look at it, then name it in ignoredBuiltDependencies`);
  }
  return problems;
}

/**
 * @param {Record<string, readonly {name: string}[]>} byLicence as `pnpm licenses list --json` tells them
 */
export function licenceProblems(byLicence) {
  return Object.entries(byLicence)
    .filter(([licence]) => !isAllowed(licence))
    .flatMap(([licence, packages]) => packages.map(({ name }) => `${name} has the licence ${licence}`));
}

/** @param {string} expression of SPDX, of which only choices are understood */
function isAllowed(expression) {
  const choices = expression.replace(/^[(]|[)]$/g, '').split(' OR ');
  return choices.some((choice) => LICENCES.includes(choice));
}

/**
 * Nothing that its maintainers have given up is part of the product.
 * @param {Lock} lock
 */
export function deprecatedProblems(lock) {
  return [...productionPackages(lock)].flatMap((id) => {
    const { deprecated } = lock.packages[id] ?? {};
    return deprecated === undefined ? [] : [`${id} is deprecated: ${deprecated}`];
  });
}

/**
 * @param {Lock} lock
 * @param {readonly Advisory[]} advisories
 */
export function advisoryProblems({ packages }, advisories) {
  return Object.keys(packages).flatMap((id) =>
    advisories
      .filter((advisory) => advisory.package === nameOf(id))
      .filter(({ vulnerable }) => semver.satisfies(versionOf(id), vulnerable, { includePrerelease: true }))
      .map((advisory) => `${id}: ${advisory.id} (${advisory.vulnerable})`),
  );
}

/**
 * What `pnpm audit --json` says: its findings of severity high and above, or why there was no answer.
 * @param {string} answer
 * @returns {{problems: string[]} | {unanswered: string}}
 */
export function auditProblems(answer) {
  /** @type {{error?: {code?: string, message?: string}, advisories?: Record<string, {module_name: string, severity: string, title: string, github_advisory_id?: string}>}} */
  let said;
  try {
    said = JSON.parse(answer.slice(answer.indexOf('{')));
  } catch {
    return { unanswered: answer.trim().split('\n').at(-1) || 'no answer' };
  }
  if (said.error !== undefined) return { unanswered: said.error.code ?? 'an error' };
  if (said.advisories === undefined) return { unanswered: 'an answer of another form' };
  const severe = Object.values(said.advisories).filter(({ severity }) => ['high', 'critical'].includes(severity));
  return {
    problems: severe.map((one) => `${one.module_name}: ${one.github_advisory_id} (${one.severity}) ${one.title}`),
  };
}

/**
 * The packages that programs of the product are made of, as the lock file names them.
 * @param {Lock} lock
 */
export function productionPackages({ importers, snapshots }) {
  const found = new Set();
  /** @type {string[]} */
  const waiting = Object.values(importers).flatMap(({ dependencies = {}, optionalDependencies = {} }) =>
    Object.entries({ ...dependencies, ...optionalDependencies }).map(([name, { version }]) => `${name}@${version}`),
  );
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const snapshot = snapshots[id];
    if (snapshot === undefined || found.has(id)) continue;
    found.add(id);
    const next = { ...snapshot.dependencies, ...snapshot.optionalDependencies };
    waiting.push(...Object.entries(next).map(([name, version]) => `${name}@${version}`));
  }
  // Without what peers they were resolved with.
  return new Set([...found].map((id) => id.replace(/[(].*$/, '')));
}

/** @param {string} id as in `@scope/name@1.2.3` */
function nameOf(id) {
  return id.slice(0, id.lastIndexOf('@'));
}

/** @param {string} id */
function versionOf(id) {
  return id.slice(id.lastIndexOf('@') + 1);
}
