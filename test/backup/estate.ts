import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import type { AssetRef } from '../../src/domain/asset.ts';
import { collect } from '../store/stores.ts';
import type { Place } from './places.ts';

/** What a product that has made films leaves, with every value that is easily bent on its way through text. */
export async function fillPlace(place: Place, { videos = 3, rowsEach = 700 } = {}): Promise<AssetRef[]> {
  const database = await place.serve();
  const films: AssetRef[] = [];
  for (let number = 1; number <= videos; number++)
    films.push(await place.assets.put(Buffer.alloc(40_000, `film ${number}`), 'video/mp4'));
  const upload = await place.assets.put(Buffer.from('a picture of my own'), 'image/png');
  mkdirSync(place.dataDir, { recursive: true });
  writeFileSync(path.join(place.dataDir, 'secret'), 'a key of idempotency ids', { mode: 0o600 });
  await database.transaction(async (query) => {
    for (const [index, film] of films.entries()) {
      const result = JSON.stringify({ film, title: 'Zeile\u2028Zeile "q" \\ \n NULL' });
      await query.execute(sql`insert into videos (id, tenant, run_id, status, asset_type, title, result, last_event_id,
        created_at, run_started_at, finished_at, updated_at) values (${`v${index}`}, 'local', 'r', 'success', 'text_to_image',
        ${'\u2028"\\ 咖啡 ☕ NULL'}, ${result}::jsonb, ${rowsEach}, '2026-01-02 03:04:05.678901+00',
        '2026-01-02 03:04:05.678901+00', '1999-12-31 23:59:59.000001+05:30', '2026-03-29 02:30:00.1+02')`);
      await query.execute(sql`insert into events select ${`v${index}`}, n, ${index * rowsEach}::int + n, 'k' || n,
        'scene_settled', jsonb_build_object('text', repeat('日', n % 50), 'n', n), now() + n * interval '1 microsecond'
        from generate_series(1, ${rowsEach}::int) n`);
      await query.execute(
        sql`insert into scenes values (${`v${index}`}, 'audio', '', 'complete', 'NULL', null, now())`,
      );
      await query.execute(sql`insert into purchases values ('local', ${`v${index}`}, '', 'script', 1,
        9223372036854775807, 'ark', '', null, 'answered', '{}', 0.1::float8 + 0.2::float8, 'reported',
        '2026-01-02 03:04:05.000001+00', null, '{"b" : 1,  "a":"\\u0000 \\ud800", "b": 2}', 'null', null, null)`);
    }
    await query.execute(sql`insert into assets (tenant, sha256, media_type, size_bytes, origin)
      values ('local', ${upload.sha256}, 'image/png', ${upload.sizeBytes}, 'uploaded')`);
    await query.execute(sql`insert into stills values ('local', 'v0', 's1', '水彩', '9:16', '', 1440, 2560,
      ${'{"橘猫","a \\"b\\" \\\\ c","NULL",NULL,""}'}::text[], ${upload.sha256}, 'image/jpeg', 7, 'm', now(), 'e', '[0.1,-2,3e-7]')`);
    await query.execute(sql`update event_cursor set value = ${videos * rowsEach}`);
    await query.execute(sql`insert into idempotency_keys values ('local', 'h', 'v0', 'b', now(), 'infinity')`);
  });
  return films;
}

/** What lies in the store, each with the hash of its bytes as they are read. */
export async function allObjects({ assets }: Place): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { sha256 } of await collect(assets.list())) {
    const ref = await assets.find(sha256);
    const bytes = ref === null ? null : await assets.read(ref);
    found[`${sha256} ${ref?.mediaType}`] = bytes === null ? '' : createHash('sha256').update(bytes).digest('hex');
  }
  return found;
}
