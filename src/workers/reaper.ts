import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VIDEO_ID_PATTERN } from '../domain/ids.ts';
import type { Logger } from '../log.ts';
import { reapOrphans } from '../render/owner.ts';
import { untouchedFolders } from '../store/untouched-folders.ts';
import { type AskTemporal, describeRun } from '../temporal/run-record.ts';

const EVERY_MS = 30_000;
/** Whoever still works in a folder changes it more often than that. */
const UNTOUCHED_MS = 60_000;
/** A folder on its way out: a run that begins anew finds none, instead of one that vanishes under it. */
const DOOMED = '.doomed-';

export interface ReaperOptions {
  workDir: string;
  askTemporal: AskTemporal;
  log: Logger;
  signal: AbortSignal;
  everyMs?: number;
}

/**
 * Clears up after workers that died, at once and again and again: the ffmpegs they have left running, and the work folders
 * of runs that are over. Every worker does it: twice changes nothing.
 */
export async function keepReaped(options: ReaperOptions): Promise<void> {
  const { log, signal, everyMs = EVERY_MS } = options;
  while (!signal.aborted) {
    try {
      const processes = reapOrphans();
      if (processes > 0) log.warn({ processes }, 'processes of a worker that died were ended');
      const folders = await reapFolders(options);
      if (folders > 0) log.info({ folders }, 'work folders of runs that are over were removed');
    } catch (error) {
      log.error({ err: error }, 'what dead workers left could not be cleared up');
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Removes work folders that nobody touches and whose run is not under way, by Temporal's word. Gives how many. */
export async function reapFolders(
  { workDir, askTemporal }: Pick<ReaperOptions, 'workDir' | 'askTemporal'>,
  now = new Date(),
): Promise<number> {
  let removed = 0;
  const unchangedSince = new Date(now.getTime() - UNTOUCHED_MS);
  for (const name of await untouchedFolders(workDir, { unchangedSince })) {
    const folder = path.join(workDir, name);
    if (name.startsWith(DOOMED)) await rm(folder, { recursive: true, force: true });
    if (!VIDEO_ID_PATTERN.test(name) || (await isUnderWay(askTemporal, name))) continue;
    const doomed = path.join(workDir, `${DOOMED}${name}`);
    // Another worker may have been quicker.
    if (!(await renamed(folder, doomed))) continue;
    await rm(doomed, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** In doubt it is. */
async function isUnderWay(askTemporal: AskTemporal, videoId: string): Promise<boolean> {
  try {
    return (await describeRun(askTemporal, videoId))?.status.name === 'RUNNING';
  } catch {
    return true;
  }
}

const renamed = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  );
