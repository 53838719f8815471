import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// The import table of the code style: who may import whom. `never` lists what a folder must not reach.
const ours = [
  'api',
  'workflows',
  'activities',
  'providers',
  'workers',
  'timeline',
  'render',
  'store',
  'draft',
  'ledger',
  'breakers',
  'database',
  'read-model',
  'backup',
  'webhooks',
  'temporal',
  'tools',
  'stack',
  'cli',
  'client',
  'status-page',
  'contract',
  'domain',
];
const nodeBuiltIns = { regex: '^node:', message: 'No Node built-ins here.' };
const temporal = { regex: '^@temporalio/', message: 'Nothing of Temporal here.' };
const express = { regex: '^express$', message: 'Express belongs to src/api.' };
const folders = (names, extra = {}) => ({
  regex: `(^|/)\\.\\.?/(.*/)?(${names.join('|')})(/|\\.ts$)`,
  message: `This folder may not import ${names.join(', ')}.`,
  ...extra,
});
const allBut = (...allowed) => ours.filter((name) => !allowed.includes(name));
const sandbox = { regex: '/sandbox/', message: 'The product never knows the sandbox.' };
const configAndLog = { regex: '/(config|log)\\.ts$', message: 'Configuration and log are passed in.' };

const rule = (files, ...patterns) => ({
  files,
  ignores: ['**/*.test.ts'],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.build/', '.mcp-bridge/', 'out/', 'eslint.config.js'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts'] } } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'src/config.ts is the only reader of the environment.' },
      ],
    },
  },
  // node:test's it() and describe() return promises that the runner awaits.
  {
    files: ['**/*.test.ts', 'test/**', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: ['describe', 'it', 'test', 'before', 'after', 'suite', 'beforeEach', 'afterEach'].map(
            (name) => ({ from: 'package', package: 'node:test', name }),
          ),
        },
      ],
      'no-restricted-properties': 'off',
    },
  },
  {
    files: ['src/config.ts', 'sandbox/main.ts', 'sandbox/mcp/main.ts', 'sandbox/capcut/main.ts', 'sandbox/config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['src/cli/**', 'scripts/**'], rules: { 'no-console': 'off' } },
  rule(['src/domain/**'], folders(allBut('domain')), nodeBuiltIns, temporal, express, configAndLog, sandbox),
  rule(
    ['src/contract/**'],
    folders(allBut('domain', 'contract')),
    nodeBuiltIns,
    temporal,
    express,
    configAndLog,
    sandbox,
  ),
  rule(
    ['src/timeline/**'],
    folders(allBut('domain', 'timeline')),
    nodeBuiltIns,
    temporal,
    express,
    configAndLog,
    sandbox,
  ),
  rule(
    ['src/workflows/**'],
    folders(allBut('workflows', 'domain', 'timeline', 'activities')),
    folders(['activities'], { allowTypeImports: true, message: 'Only types of activities here.' }),
    { regex: '^zod$', message: 'Workflow code parses nothing.' },
    { regex: '^@temporalio/(?!workflow$)', message: 'Only @temporalio/workflow here.' },
    nodeBuiltIns,
    express,
    configAndLog,
    sandbox,
  ),
  rule(
    ['src/activities/**'],
    folders(['api', 'workers', 'cli', 'stack', 'workflows'], { allowTypeImports: true }),
    { regex: '^@temporalio/client', message: 'Activities do not start workflows.' },
    express,
    configAndLog,
    sandbox,
  ),
  rule(
    // The program of the embedded database is an edge of its own, as the worker's and the gateway's are.
    [
      'src/providers/**',
      'src/store/**',
      'src/ledger/**',
      'src/breakers/**',
      'src/render/**',
      'src/draft/**',
      'src/database/!(main).ts',
      'src/read-model/**',
      'src/backup/**',
      'src/webhooks/**',
    ],
    folders(['api', 'workflows', 'activities', 'workers', 'cli', 'stack']),
    temporal,
    express,
    configAndLog,
    sandbox,
  ),
  rule(['src/workers/**'], folders(['api', 'cli', 'stack', 'backup']), express, sandbox),
  rule(
    ['src/api/**'],
    folders(['providers', 'workers', 'render', 'draft', 'stack', 'cli', 'backup']),
    folders(['activities'], { allowTypeImports: true, message: 'Only types of activities here.' }),
    // Message definitions stand beside the workflows and are values the API needs.
    folders(['workflows(?!/messages\\.ts$)'], {
      allowTypeImports: true,
      message: 'Only messages.ts, and types, of workflows here.',
    }),
    sandbox,
  ),
  // It runs wherever fetch does: of the contract it takes the types, which leave nothing behind.
  rule(
    ['src/client/**'],
    folders(allBut('client', 'contract')),
    folders(['contract'], { allowTypeImports: true, message: 'Only types of the contract here.' }),
    { regex: '^zod$', allowTypeImports: true, message: 'Only types of zod here.' },
    nodeBuiltIns,
    temporal,
    express,
    configAndLog,
    sandbox,
  ),
  rule(
    ['src/status-page/**'],
    folders(allBut('client', 'status-page')),
    { regex: '^(?!\\.)', message: 'The page has no library.' },
    configAndLog,
    sandbox,
  ),
  {
    // What people wrote is text there, never markup.
    files: ['src/status-page/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write'].map((property) => ({ property })),
      ],
    },
  },
  { files: ['test/**', 'bench/**/*.ts', '**/*.test.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
);
