import { BackupRefused } from '../backup/refused.ts';
import { DatabaseSetupError, DatabaseUnavailable, MigrationError } from '../database/errors.ts';
import { StoreUnavailableError } from '../store/store-unavailable.ts';
import { FAILED, REFUSED } from './exit-codes.ts';

export interface Outcome {
  code: number;
  /** For scripts. */
  json: Record<string, unknown>;
  /** For people. */
  lines: string[];
}

/** Tells how a command ended, and resolves to its exit code: on stdout, one line of JSON where a script asked for it. */
export async function tellOutcome(work: () => Promise<Outcome>, { json = false }: { json?: boolean }): Promise<number> {
  const outcome = await work().catch(faultOutcome);
  if (json) process.stdout.write(`${JSON.stringify({ ok: outcome.code === 0, ...outcome.json })}\n`);
  else (outcome.code === 0 ? process.stdout : process.stderr).write(`${outcome.lines.join('\n')}\n`);
  return outcome.code;
}

function faultOutcome(error: unknown): Outcome {
  const refused = [BackupRefused, DatabaseSetupError, MigrationError].some((known) => error instanceof known);
  const away = [DatabaseUnavailable, StoreUnavailableError].some((known) => error instanceof known);
  // Disk full, no permission: the system's own words name the path and nothing secret.
  const system = error instanceof Error && 'syscall' in error;
  if (!refused && !away && !system) throw error;
  const { message } = error as Error;
  const code = refused ? REFUSED : FAILED;
  return { code, json: { error: refused ? 'refused' : 'failed', message }, lines: [message] };
}
