import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Workflows that a test has written for itself, bundled; within one run of the whole suite only once. */
export async function fixtureBundle(file: URL): Promise<{ code: string }> {
  const workflowsPath = fileURLToPath(file);
  const run = process.env['TEST_RUN_DIR'];
  const folder = run === undefined ? undefined : path.join(run, 'bundles');
  const kept =
    folder === undefined ? null : path.join(folder, path.relative(PROJECT, workflowsPath).replaceAll(path.sep, '-'));
  if (kept !== null && existsSync(kept)) return { code: readFileSync(kept, 'utf8') };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  if (folder !== undefined && kept !== null) {
    mkdirSync(folder, { recursive: true });
    // Whole or not at all: other test files look for it meanwhile.
    const temporary = `${kept}.${randomUUID()}`;
    writeFileSync(temporary, code);
    renameSync(temporary, kept);
  }
  return { code };
}
