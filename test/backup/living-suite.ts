import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import { append } from '../../src/read-model/append.ts';
import { createReadModel } from '../../src/read-model/read-model.ts';
import { until } from '../until.ts';
import { refused, startCommand, succeeding } from './command.ts';
import { fillPlace } from './estate.ts';
import { allRows, type Place, type Places } from './places.ts';

const LARGE_BYTES = 64 * 1024 * 1024;

/** What holds while the product runs, and when a backup dies. */
export function itBacksUpTheLiving(name: string, start: () => Promise<Places>): void {
  describe(`backup in the middle of things on ${name}`, () => {
    let places: Places;
    let origin: Place;
    let out: string;
    before(async () => {
      places = await start();
      origin = await places.open();
      await fillPlace(origin);
      out = path.join(origin.dataDir, '..', 'backup');
    });
    after(() => places?.stop());

    it('do not take one that was killed for whole; --update ends it', async () => {
      const killed = path.join(out, '..', 'killed');
      // Enough to copy that the kill comes in the middle, however fast the machine.
      for (const fill of [1, 2, 3]) await origin.assets.put(Buffer.alloc(LARGE_BYTES, fill), 'video/mp4');
      const { child, end } = startCommand(origin.environment, ['backup', '--out', killed]);
      await until('it copies objects', () => existsSync(path.join(killed, 'objects')));
      child.kill('SIGKILL');
      await end;
      assert.equal(existsSync(path.join(killed, 'manifest.json')), false, 'killed before its end');
      const place = await places.open();
      assert.match(await refused(place.environment, 'restore', '--from', killed), /no complete backup/);
      await succeeding(origin.environment, 'backup', '--out', killed, '--update');
      await succeeding(place.environment, 'restore', '--from', killed);
      assert.deepEqual(await allRows(await place.serve()), await allRows(await origin.serve()));
      await place.rest();
    });

    it('see one moment of a product that writes all the time', async () => {
      const database = await origin.serve();
      const model = createReadModel(database, { redisUrl: null });
      let [writes, done] = [0, false];
      const writing = (async () => {
        while (!done) {
          const now = new Date().toISOString();
          const video = {
            id: `w${writes % 20}`,
            tenant: 'local',
            runId: 'r',
            assetType: 'text_to_image',
            runStartedAt: now,
            createdAt: now,
          } as const;
          const told = await append(model, {
            video,
            events: [{ key: String(writes), at: video.createdAt, event: { type: 'cancelling' } }],
            row: () => ({}),
          }).catch((error: unknown) => {
            // The embedded database has one transaction at a time: who waits too long for a backup's tries again.
            if (error instanceof DatabaseUnavailable) return null;
            throw error;
          });
          if (told !== null) writes++;
        }
      })();
      await until('it writes', () => writes > 20);
      const folder = path.join(out, '..', 'moment');
      const atStart = writes;
      await succeeding(origin.environment, 'backup', '--out', folder);
      const during = writes - atStart;
      done = true;
      await writing;
      assert.ok(during > 0, 'it went on writing meanwhile');

      const place = await places.open();
      await succeeding(place.environment, 'restore', '--from', folder);
      const restored = await place.serve();
      const { rows } = await restored.run((query) =>
        query.execute(sql`select (select value from event_cursor) as cursor, count(*) as events, max(seq) as last,
          (select sum(last_event_id) from videos) as counted from events`),
      );
      const { cursor, events, last, counted } = rows[0] as Record<string, string>;
      assert.deepEqual([events, last, counted], [cursor, cursor, cursor]);
      assert.ok(Number(events) > 2100 + 20 && Number(events) <= 2100 + writes);
      await place.rest();
    });
  });
}
