import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openAssetStore } from '../../src/store/open-asset-store.ts';
import { SET_UP_MS, startS3Server, type S3Server } from '../store/s3-server.ts';
import { collect } from '../store/stores.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

describe('a film on an object store', () => {
  let server: S3Server;
  let under: StackUnderTest;
  before(
    async () => {
      server = await startS3Server();
      const { bucket, endpoint, credentials } = server.settings;
      under = await StackUnderTest.start({
        S3_BUCKET: bucket,
        S3_ENDPOINT: endpoint ?? '',
        S3_ACCESS_KEY_ID: credentials?.accessKeyId ?? '',
        S3_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? '',
        S3_FORCE_PATH_STYLE: 'true',
        ASSET_CACHE_MB: '1', // less than a film needs: what is in use stays all the same
      });
    },
    { timeout: SET_UP_MS },
  );
  after(async () => {
    await under.stop();
    await server.stop();
  });

  it('is made, kept there alone, and comes back whole, in part, and by a redirect that expires', async () => {
    await under.sandbox.reset();
    const id = await under.order({ captions: 'line' });
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');

    await assertPlayable(under, video, { seconds: 5, width: 360, height: 640 });
    assert.equal((await under.download(video.draft_url ?? '')).subarray(0, 2).toString(), 'PK');
    const film = await under.download(video.video_url);
    const part = await fetch(video.video_url, { headers: { range: 'bytes=100-299' } });
    assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 100-299/${film.byteLength}`]);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), film.subarray(100, 300));

    const gateway = await under.program('src/api/main.js', { GATEWAY_PORT: '0', ASSET_DOWNLOADS: 'redirect' });
    const address = new URL(new URL(video.video_url).pathname, gateway.ready as string);
    const answer = await fetch(address, { redirect: 'manual' });
    assert.equal(answer.status, 307);
    const target = new URL(answer.headers.get('location') ?? '');
    assert.equal(target.origin, server.settings.endpoint);
    assert.ok(Number(target.searchParams.get('X-Amz-Expires')) > 0);
    const followed = await fetch(address, { headers: { range: 'bytes=100-299' } });
    assert.deepEqual([followed.status, followed.headers.get('content-type')], [206, 'video/mp4']);
    assert.deepEqual(Buffer.from(await followed.arrayBuffer()), film.subarray(100, 300));

    assert.equal(existsSync(path.join(under.dataDir, 'assets')), false, 'no folder of assets');
    assert.deepEqual(readdirSync(path.join(under.dataDir, 'asset-cache', 'in-use')), []);
    const store = await openAssetStore({ dataDir: under.dataDir, s3: server.settings, assetCacheBytes: 0 });
    const kept = (await collect(store.list())).map(({ sha256 }) => sha256);
    for (const url of [video.video_url, video.cover_url, video.captions_url, video.draft_url])
      assert.ok(kept.includes(path.basename(url ?? '')), `${url} is in the bucket`);
  });

  it('is made although the store hangs while it is being rendered', async () => {
    await under.sandbox.reset();
    const id = await under.order({ video_theme: '山谷里的一天', captions: 'none' });
    await under.untilVideo(id, 'is being composed', ({ stage }) => stage === 'compose');
    process.kill(server.pid, 'SIGSTOP');
    const hungMs = 3_000;
    await new Promise((resolve) => setTimeout(resolve, hungMs));
    process.kill(server.pid, 'SIGCONT');
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertPlayable(under, video, { seconds: 5, width: 360, height: 640 });
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });
});
