import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SET_UP_MS, startS3Server } from '../store/s3-server.ts';
import { refused, succeeding } from './command.ts';
import { allObjects, fillPlace } from './estate.ts';
import { embeddedPlaces, type Places } from './places.ts';

describe('backup of an object store', () => {
  let places: Places;
  let server: Awaited<ReturnType<typeof startS3Server>>;
  before(
    async () => {
      server = await startS3Server();
      places = await embeddedPlaces();
    },
    { timeout: SET_UP_MS },
  );
  after(async () => {
    await places?.stop();
    await server?.stop();
  });

  it('is restored into another', async () => {
    const origin = await places.open({ ...server.settings, prefix: 'origin/' });
    await fillPlace(origin, { videos: 6, rowsEach: 2 });
    const out = path.join(origin.dataDir, '..', 'backup');
    await succeeding(origin.environment, 'backup', '--out', out);
    const place = await places.open({ ...server.settings, prefix: 'place/' });
    await succeeding(place.environment, 'restore', '--from', out);
    const objects = await allObjects(place);
    assert.equal(Object.keys(objects).length, 7);
    assert.deepEqual(objects, await allObjects(origin));
  });
});

describe('backup', () => {
  let places: Places;
  before(async () => (places = await embeddedPlaces()));
  after(() => places?.stop());

  it('does not make a good backup of nothing, nor one into a folder of something else', async () => {
    const place = await places.open();
    const out = path.join(place.dataDir, '..', 'out');
    assert.match(await refused(place.environment, 'backup', '--out', out), /There is no database/);
    await place.serve();
    mkdirSync(out, { recursive: true });
    writeFileSync(path.join(out, 'letter.txt'), 'dear');
    assert.match(await refused(place.environment, 'backup', '--out', out, '--update'), /something else than a backup/);
  });
});
