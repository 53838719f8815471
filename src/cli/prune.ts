import type { Config } from '../config.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { DatabaseUnavailable } from '../database/errors.ts';
import { prune as pruneStores, type Pruned } from '../store/prune.ts';

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 6 * 60 * 60_000;
const DATABASE_AWAY = 1;

/** Removes what nobody needs any more, and says what that was. Resolves to the exit code. */
export async function prune(config: Config, { dryRun = false }: { dryRun?: boolean } = {}): Promise<number> {
  try {
    const pruned = await pruneOnce(config, { dryRun });
    process.stdout.write(`${dryRun ? 'Would remove' : 'Removed'} ${inWords(pruned)}.\n`);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    process.stderr.write(`Not pruned: ${error.message}. ${remedy(config)}\n`);
    return DATABASE_AWAY;
  }
  if (config.retentionDays === 0) process.stdout.write('Films and drafts are kept for ever: RETENTION_DAYS is 0.\n');
  return 0;
}

/** The same every few hours for as long as a stack is up; says what was removed, and what went wrong. Returns its end. */
export function pruneRegularly(config: Config, say: (message: string) => void): () => void {
  const run = async (): Promise<void> => {
    const pruned = await pruneOnce(config);
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

async function pruneOnce(config: Config, { dryRun = false }: { dryRun?: boolean } = {}): Promise<Pruned> {
  const database = new Database(databaseTarget(config), { connections: 1 });
  try {
    return await pruneStores(config, { database, dryRun });
  } finally {
    await database.close();
  }
}

/** Only the database knows what videos need. */
function remedy({ databaseUrl }: Config): string {
  const start = databaseUrl === null ? 'Start the stack, or `npx mcp-bridge database`' : 'Bring it back';
  return `Only it knows what videos need. ${start}, then prune again.`;
}

function inWords({ videos, assets, bytes, uploads, workFolders, drafts, segments, segmentBytes }: Pruned): string {
  const made = `${videos} videos, ${assets} assets (${megabytes(bytes)} MB), ${drafts} drafts`;
  const left = `${workFolders} work folders, ${uploads} unfinished uploads`;
  return `${made}, ${left}, ${segments} segments (${megabytes(segmentBytes)} MB)`;
}

const megabytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);
