import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import { BreakerBoard, readBoard } from '../../src/breakers/board.ts';
import type { BreakerReport } from '../../src/domain/breaker-state.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { until } from '../until.ts';

const open = (until: number): BreakerReport => ({ name: 'doubao_chat', state: 'open', until });
const closed: BreakerReport = { name: 'doubao_chat', state: 'closed', until: null };
const LATER = Date.parse('2100-01-01T00:00:00Z');

for (const { name, start } of DATABASES) {
  describe(`the board of circuit breakers, on ${name}`, () => {
    let under: TestDatabase;
    const boards: BreakerBoard[] = [];
    const told: Record<string, BreakerReport[]> = {};
    before(async () => void (under = await start()));
    after(() => under.stop());
    beforeEach(async () => {
      await Promise.all(boards.splice(0).map((board) => board.leave()));
      await under.empty();
    });

    const tells = (worker: string, reports: BreakerReport[]): void => {
      if (told[worker] === undefined || boards.length === 0) boards.push(boardOf(worker));
      told[worker] = reports;
      boards.at(-1)?.tell();
    };
    const boardOf = (worker: string) => new BreakerBoard(under.database, worker, () => told[worker] ?? []);
    const seen = () => readBoard(under.database);
    const untilSeen = (reports: BreakerReport[]) =>
      until(JSON.stringify(reports), async () => JSON.stringify(await seen()) === JSON.stringify(reports));

    it('shows what is open, until it is closed', async () => {
      tells('a', [open(LATER)]);
      await untilSeen([open(LATER)]);
      tells('a', [closed]);
      await untilSeen([]);
    });

    it('shows the worst of several workers, and forgets one that leaves', async () => {
      tells('b', [{ ...closed, state: 'half_open' }]);
      await untilSeen([{ ...closed, state: 'half_open' }]);
      const [first] = boards.splice(0);
      tells('c', [open(LATER)]);
      await untilSeen([open(LATER)]);
      await boards[0]?.leave();
      await untilSeen([{ ...closed, state: 'half_open' }]);
      await first?.leave();
      await untilSeen([]);
    });

    it('is not believed when its worker is gone, by the database’s clock', async () => {
      await under.database.run((query) =>
        query.execute(sql`
          insert into circuit_breakers values ('gone', 'doubao_chat', 'open', 'infinity', now() - interval '16 seconds')`),
      );
      assert.deepEqual(await seen(), []);
    });

    it('is told again when the database was away', async () => {
      await under.crash();
      tells('d', [open(LATER)]);
      await under.restart();
      await untilSeen([open(LATER)]);
    });
  });
}
