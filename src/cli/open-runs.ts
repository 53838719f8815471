import type { Client } from '@temporalio/client';
import { BackupRefused } from '../backup/refused.ts';
import type { Config } from '../config.ts';
import { createClient } from '../temporal/connection.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import { type OpenRun, openRuns, terminateRuns } from '../temporal/open-runs.ts';

/** What becomes of runs that are open at a restore. */
export const OPEN_RUNS = ['refuse', 'terminate', 'keep'] as const;
export type OpenRunsWish = (typeof OPEN_RUNS)[number];

const MOST_NAMED = 20;

/**
 * An open run may have bought what the restored ledger does not know, and would buy it again. Resolves to warnings.
 * @throws BackupRefused when there are open runs and nobody has said what becomes of them.
 */
export async function settleOpenRuns(config: Config, wish: OpenRunsWish): Promise<string[]> {
  const client = createClient(config.temporal, await createDataConverter(config.temporal.payloadCodecModule));
  const open = await openRuns(client).catch(() => null);
  // Not closed: the client still tries, and would throw at a closed connection. The command's end ends it.
  if (open === null) return unreachable(wish);
  try {
    return await settle(client, open, wish);
  } finally {
    await client.connection.close();
  }
}

async function settle(client: Client, open: OpenRun[], wish: OpenRunsWish): Promise<string[]> {
  if (open.length === 0) return [];
  switch (wish) {
    case 'refuse':
      throw new BackupRefused(
        [`Temporal has ${open.length} open runs:`, ...named(open), ...DANGER, ...CHOICE].join('\n'),
      );
    case 'terminate':
      await terminateRuns(client, open, 'mcp-bridge restore');
      return [`Terminated ${open.length} open runs:`, ...named(open)];
    case 'keep':
      return [`WARNING: ${open.length} runs go on when workers start:`, ...named(open), ...DANGER];
  }
}

function unreachable(wish: OpenRunsWish): string[] {
  if (wish === 'terminate')
    throw new BackupRefused(
      'Temporal cannot be reached, so that open runs cannot be terminated. Check TEMPORAL_ADDRESS.',
    );
  return [
    'WARNING: Temporal could not be asked for open runs; one that is open goes on when workers start.',
    ...DANGER,
  ];
}

const DANGER = [
  'What such a run bought after the backup is not in the restored ledger: what it had in flight may be bought once more, and',
  'its account will lack those lines; what it had stored after the backup is gone.',
];
const CHOICE = [
  'Let them end before the restore, or say --open-runs terminate (Temporal ends them now), or --open-runs keep.',
];

function named(open: OpenRun[]): string[] {
  const names = open.slice(0, MOST_NAMED).map(({ workflowId, startedAt }) => `  ${workflowId}  since ${startedAt}`);
  return open.length > MOST_NAMED ? [...names, `  and ${open.length - MOST_NAMED} more`] : names;
}
