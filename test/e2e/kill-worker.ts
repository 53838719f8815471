import assert from 'node:assert/strict';
import { SqlPurchaseStore } from '../../src/ledger/sql-purchase-store.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** Kills the worker as it stands; what it had started must die with it. Resolves to the calls whose answer it had not noted. */
export async function killWorker({ stack, database }: StackUnderTest, id: string): Promise<number> {
  const { pid, restarts } = { pid: stack.pid('worker'), restarts: stack.restarts('worker') };
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  const purchases = new SqlPurchaseStore({ database, note: () => {} });
  const open = (await purchases.list('local', id)).filter(({ state }) => state === 'intended').length;
  await until('another has taken its place', () => {
    return stack.restarts('worker') > restarts && stack.pid('worker') !== null;
  });
  return open;
}
