import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SUITE = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

const inline = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;
/** The suite is written for Node 22: on Node 20 `fs` has no globSync, which its server scenarios do not use. */
const FS = inline(
  'export * from "node:fs"; import fs from "node:fs"; export default fs; export const globSync = fs.globSync ?? (() => []);',
);
const HOOKS = inline(`export const resolve = (specifier, context, next) =>
  specifier === 'fs' && context.parentURL?.includes('/@modelcontextprotocol/conformance/')
    ? { url: ${JSON.stringify(FS)}, shortCircuit: true }
    : next(specifier, context);`);
const ON_NODE_20 = inline(`import { register } from 'node:module'; register(${JSON.stringify(HOOKS)});`);

export interface Check {
  id: string;
  status: string;
  errorMessage?: string;
}

/** All server scenarios of the protocol's conformance suite against one server, by their names. */
export async function runConformance(url: string): Promise<Map<string, Check[]>> {
  const out = mkdtempSync(path.join(tmpdir(), 'mcp-conformance-'));
  try {
    const args = ['--import', ON_NODE_20, SUITE, 'server', '--url', url, '--suite', 'all', '--output-dir', out];
    // Its exit code says that some scenario failed: many want tools that only its own example server has.
    await new Promise<void>((resolve) => execFile(process.execPath, args, { timeout: 200_000 }, () => resolve()));
    return new Map(
      readdirSync(out)
        .filter((folder) => existsSync(path.join(out, folder, 'checks.json')))
        .map((folder) => {
          const name = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1] ?? folder;
          return [name, JSON.parse(readFileSync(path.join(out, folder, 'checks.json'), 'utf8')) as Check[]];
        }),
    );
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** What does not depend on which tools, resources and prompts a server has. */
export const GENERIC = [
  ...['server-initialize', 'server-stateless', 'ping', 'tools-list', 'resources-list', 'prompts-list'],
  ...['sep-2164-resource-not-found', 'dns-rebinding-protection', 'caching', 'http-header-validation'],
  ...['input-required-result-unsupported-methods', 'input-required-result-ignore-extra-params'],
];

/** Failures of ours, not of a check that could not be made for want of the suite's own tools. */
export const failuresIn = (checks: Check[]): string[] =>
  checks
    .filter(({ status, errorMessage }) => status === 'FAILURE' && errorMessage?.startsWith('Not testable') !== true)
    .map(({ id, errorMessage }) => `${id}: ${errorMessage}`);
