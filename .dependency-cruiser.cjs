/**
 * The arrows of ARCHITECTURE.md: core <- encap <- dataplane <- control <- apps. scripts/arrows.test.ts shows that each rule catches
 * its kind of import.
 */
const tests = '[.](test|testkit|bench)[.](tsx?|mjs)$|^packages/[^/]+/(bench|test)/';
/** What runs in the renderer of the app: its own files, and those it shares with the main process. */
const page = '^apps/desktop/src/(renderer|shared)/';
const room = (name) => `^packages/${name}/`;

/** A package may use the named packages; importing any other room is an error. */
const mayUse = (name, ...allowed) => ({
  name: `${name}-uses-${allowed.join('-and-') || 'no-other-package'}`,
  comment: 'Dependencies between packages point one way: core <- encap <- dataplane <- control <- apps.',
  severity: 'error',
  from: { path: room(name) },
  to: { path: '^(packages|apps)/', pathNot: [name, ...allowed].map(room) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    mayUse('core'),
    mayUse('encap', 'core'),
    mayUse('dataplane', 'core', 'encap'),
    mayUse('control', 'core', 'encap', 'dataplane'),
    {
      name: 'apps-stand-apart',
      comment: 'An app uses packages, never another app.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'pure-packages-do-no-io',
      comment: 'core and encap run in a browser as well: no module of Node. Their tests and benchmarks may.',
      severity: 'error',
      from: { path: '^packages/(core|encap)/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-product-in-the-model',
      comment:
        'The model that the dataplane is compared with shares nothing with it but its public door, and is no part of it.',
      severity: 'error',
      from: { path: '^packages/dataplane/model/' },
      to: { path: '^packages/dataplane/src/', pathNot: '^packages/dataplane/src/index[.]ts$' },
    },
    {
      name: 'no-model-in-the-product',
      comment: 'The model is for tests.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: [tests, '^packages/dataplane/model/'] },
      to: { path: '^packages/dataplane/model/' },
    },
    {
      name: 'koffi-in-dataplane-only',
      comment: 'Native memory and native calls stay behind the dataplane.',
      severity: 'error',
      from: { pathNot: room('dataplane') },
      to: { path: '(^|/)koffi(/|$)' },
    },
    {
      name: 'renderer-uses-core-and-the-model',
      comment:
        'The renderer runs in a browser: core and the pure part of control. Everything else it asks the main process for.',
      severity: 'error',
      from: { path: page },
      to: {
        path: '^(packages|apps/desktop/src/(main|preload))/',
        pathNot: [room('core'), '^packages/control/(src|dist)/((?!load-file)[^/]+$|(client|effective|grammar|plan)/)'],
      },
    },
    {
      name: 'renderer-knows-the-client-by-type',
      comment: 'Client and contract of the API say what the main process passes on; they run there.',
      severity: 'error',
      from: { path: page },
      to: { path: '^packages/control/(src|dist)/client/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-does-no-io',
      comment: 'The renderer runs in a browser, with no module of Node.',
      severity: 'error',
      from: { path: page, pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-in-main-and-preload',
      comment: 'Electron is for the main process, and for the bridge from there to the renderer.',
      severity: 'error',
      from: { pathNot: '^apps/desktop/src/(main|preload)/' },
      to: { path: '(^|/)electron(/|$)' },
    },
    {
      name: 'no-cycle',
      comment: 'Files that import each other in a circle can only be understood, and loaded, all at once.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)(koffi|electron)(/|$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|build)/' },
    // Types count too: a type from the wrong room is knowledge of the wrong room.
    tsPreCompilationDeps: true,
    preserveSymlinks: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@lb/source', 'import', 'node', 'default'],
    },
  },
};
