import type { Config } from '../config.ts';
import { prune as pruneStores, type Pruned } from '../store/prune.ts';

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 6 * 60 * 60_000;

/** Removes what nobody needs any more, and says what that was. */
export async function prune(config: Config, { dryRun = false }: { dryRun?: boolean } = {}): Promise<number> {
  const pruned = await pruneStores(config, { dryRun });
  process.stdout.write(`${dryRun ? 'Would remove' : 'Removed'} ${inWords(pruned)}.\n`);
  if (config.retentionDays === 0) process.stdout.write('Films and drafts are kept for ever: RETENTION_DAYS is 0.\n');
  return 0;
}

/** The same every few hours for as long as a stack is up; says what was removed, and what went wrong. Returns its end. */
export function pruneRegularly(config: Config, say: (message: string) => void): () => void {
  const run = async (): Promise<void> => {
    const pruned = await pruneStores(config);
    if (Object.values(pruned).some((count) => count > 0)) say(`Pruned ${inWords(pruned)}.`);
  };
  const runOrSay = (): void =>
    void run().catch((error: unknown) => say(`Pruning failed: ${error instanceof Error ? error.message : 'unknown'}`));
  const first = setTimeout(runOrSay, FIRST_AFTER_MS);
  const every = setInterval(runOrSay, EVERY_MS);
  return () => {
    clearTimeout(first);
    clearInterval(every);
  };
}

function inWords({ assets, bytes, uploads, workFolders, drafts }: Pruned): string {
  const megabytes = (bytes / 1024 ** 2).toFixed(1);
  return `${assets} assets (${megabytes} MB), ${drafts} drafts, ${workFolders} work folders, ${uploads} unfinished uploads`;
}
