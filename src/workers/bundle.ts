import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger } from '@temporalio/worker';

/** Where the built product keeps its bundle: beside the compiled tree this file is part of. */
export const BUNDLE_PATH = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

const WORKFLOWS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js', import.meta.url),
);

/** All workflow code as one script, as every worker and the replay tests load it. */
export async function bundleWorkflows(logger?: Logger): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, ...(logger === undefined ? {} : { logger }) });
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(BUNDLE_PATH, await bundleWorkflows());
