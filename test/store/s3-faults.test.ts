import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { AssetRef } from '../../src/domain/asset.ts';
import { openAssetStore } from '../../src/store/open-asset-store.ts';
import { StoreUnavailableError } from '../../src/store/store-unavailable.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';
import { until } from '../until.ts';
import { startFaultyLine } from './faulty-line.ts';
import { SET_UP_MS, startS3Server, type S3Server } from './s3-server.ts';
import { openS3, readLocally, type StoreUnderTest } from './stores.ts';

const TIMEOUT_MS = 400;
const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => (n * n) % 251));

describe('an object store over a bad line', () => {
  let server: S3Server;
  let line: Awaited<ReturnType<typeof startFaultyLine>>;
  let under: StoreUnderTest;
  before(
    async () => {
      server = await startS3Server();
      line = await startFaultyLine(server.settings.endpoint ?? '');
      under = await openS3(server.settings, { endpoint: line.endpoint, timeoutMs: TIMEOUT_MS });
    },
    { timeout: SET_UP_MS },
  );
  beforeEach(() => line.set({ kind: 'none' }));
  after(async () => {
    await line.stop();
    await server.stop();
    await under.remove();
  });

  const isAway = (error: unknown): boolean => {
    assert.ok(error instanceof StoreUnavailableError, inspect(error));
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /TESTKEY|a-secret-of-tests|Signature=/);
    return true;
  };
  async function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
    const begun = performance.now();
    try {
      return await work;
    } finally {
      const tookMs = Math.round(performance.now() - begun);
      assert.ok(tookMs < limitMs, `${tookMs} ms`);
    }
  }
  const put = (): Promise<AssetRef> => under.store.put(bytes, 'video/mp4');

  it('says within its time that a store is hung, whatever is asked, and works when it is back', async () => {
    const ref = await put();
    process.kill(server.pid, 'SIGSTOP');
    try {
      await within(3 * TIMEOUT_MS, assert.rejects(under.store.find(ref.sha256), isAway));
      await within(20 * TIMEOUT_MS, assert.rejects(put(), isAway));
      await within(30 * TIMEOUT_MS, assert.rejects(under.store.read(ref), isAway));
      const stop = AbortSignal.timeout(100);
      const cancelled = under.store.withLocalFiles([ref], { signal: stop, work: () => assert.fail() });
      await within(3 * TIMEOUT_MS, assert.rejects(cancelled, { name: 'TimeoutError' }));
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    assert.deepEqual(await under.store.read(ref), bytes);
    assert.deepEqual(
      (await under.localFiles()).filter((name) => name !== ref.sha256),
      [],
    );
  });

  it('says that a store is down, and works when it is up again', async () => {
    const gone = await startFaultyLine(server.settings.endpoint ?? '');
    await gone.stop();
    const dead = await openS3(server.settings, { endpoint: gone.endpoint, timeoutMs: TIMEOUT_MS });
    await within(5_000, assert.rejects(dead.store.find('0'.repeat(64)), isAway));
    await within(5_000, assert.rejects(dead.store.put(bytes, 'video/mp4'), isAway));
    await within(5_000, assert.rejects(dead.store.list()[Symbol.asyncIterator]().next(), isAway));
    assert.deepEqual(await dead.localFiles(), []);
    await dead.remove();
  });

  it('goes on where a body broke off', async () => {
    const ref = await put();
    line.set({ kind: 'cut', afterBytes: 1_000_000, times: 2 });
    assert.deepEqual(await under.store.read(ref), bytes);
    line.set({ kind: 'cut', afterBytes: 500_000, times: 1 });
    const part = under.store.open(ref, { start: 1_000_000, end: 2_999_999 });
    assert.deepEqual(await buffer(part), bytes.subarray(1_000_000));
  });

  it('ends the stream with an error, never early, when the line stays bad', async () => {
    const ref = await put();
    line.set({ kind: 'cut', afterBytes: 600, times: Infinity });
    await within(10_000, assert.rejects(buffer(under.store.open(ref)), isAway));
    await within(10_000, assert.rejects(readLocally(under.store, ref), isAway));
  });

  it('bears a store that hangs in the middle of a body', async () => {
    const ref = await put();
    const stream = under.store.open(ref);
    let received = 0;
    stream.on('data', (chunk: Buffer) => {
      if (received === 0) line.set({ kind: 'hang' });
      received += chunk.byteLength;
    });
    setTimeout(() => line.set({ kind: 'none' }), 2 * TIMEOUT_MS);
    await within(30 * TIMEOUT_MS, new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject)));
    assert.equal(received, bytes.byteLength);
  });

  it('waits for a slow store as long as something comes', async () => {
    const ref = await under.store.put(bytes.subarray(0, 2_000), 'video/mp4');
    line.set({ kind: 'drip', bytes: 100, everyMs: TIMEOUT_MS / 10 });
    assert.deepEqual(await under.store.read(ref), bytes.subarray(0, 2_000));
  });

  it('goes on for a reader who paused longer than a store keeps a connection', async () => {
    const ref = await put();
    const stream = under.store.open(ref);
    const reading = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await reading.next();
    await sleep(3 * TIMEOUT_MS);
    let received = (first.value as Buffer).byteLength;
    for (let next = await reading.next(); next.done !== true; next = await reading.next())
      received += next.value.byteLength;
    assert.equal(received, bytes.byteLength);
  });

  it('lets go of its connection when the reader goes away', async () => {
    const ref = await put();
    line.set({ kind: 'drip', bytes: 1_000, everyMs: 50 });
    const stream = under.store.open(ref);
    await new Promise((resolve) => stream.once('data', resolve));
    const open = line.open();
    stream.destroy();
    await until('a connection is closed', () => line.open() < open, { withinMs: onABusyMachine(3_000) });
  });

  it('stores nothing of an upload whose line breaks', async () => {
    line.set({ kind: 'hang' });
    const other = Buffer.from('what never arrives');
    await assert.rejects(under.store.put(other, 'text/plain'), isAway);
    line.set({ kind: 'none' });
    const direct = await openAssetStore({
      ...under.settings,
      s3: { ...under.settings.s3!, endpoint: server.settings.endpoint },
    });
    const ref = await direct.put(other, 'text/plain');
    assert.deepEqual(await direct.read(ref), other);
  });

  describe('that is not set up well', () => {
    const open = (change: Partial<S3Server['settings']>) =>
      openAssetStore({ ...under.settings, s3: { ...server.settings, ...change } });

    it('says at the start what to mend', async () => {
      await open({});
      const wrong = { accessKeyId: 'TESTKEY', secretAccessKey: 'another' };
      await assert.rejects(open({ bucket: 'no-such-bucket' }), /check S3_BUCKET/);
      await assert.rejects(open({ credentials: wrong }), /check S3_SECRET_ACCESS_KEY/);
      await assert.rejects(open({ credentials: { ...wrong, accessKeyId: 'NOBODY' } }), /check S3_ACCESS_KEY_ID/);
    });
  });

  describe('and a temporary URL', () => {
    const url = async (ref: AssetRef): Promise<string> =>
      (await under.store.temporaryUrl(ref, { contentDisposition: 'inline; filename="film.mp4"' })) ?? assert.fail();

    it('serves anyone the bytes, whole or in part, under the name it was made with', async () => {
      const ref = await put();
      const whole = await fetch(await url(ref));
      assert.deepEqual(
        [whole.status, whole.headers.get('content-type'), whole.headers.get('content-disposition')],
        [200, 'video/mp4', 'inline; filename="film.mp4"'],
      );
      assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);
      const part = await fetch(await url(ref), { headers: { range: 'bytes=5-9' } });
      assert.equal(part.status, 206);
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(5, 10));
    });

    it('works only as it was made, and not for ever', async () => {
      const ref = await put();
      const made = new URL(await url(ref));
      assert.equal((await fetch(made.origin + made.pathname)).status, 403);
      const changed = new URL(made);
      changed.searchParams.set('response-content-disposition', 'attachment');
      assert.equal((await fetch(changed)).status, 403);
      const brief = await openS3(server.settings, { prefix: under.settings.s3!.prefix, presignSeconds: 1 });
      const short = (await brief.store.temporaryUrl(ref, { contentDisposition: 'inline' })) ?? assert.fail();
      assert.equal((await fetch(short)).status, 200);
      await until('it has expired', async () => (await fetch(short)).status === 403);
      await brief.remove();
    });

    it('names the endpoint that clients reach', async () => {
      const ref = await put();
      const behind = await openS3(server.settings, {
        ...{ prefix: under.settings.s3!.prefix, publicEndpoint: line.endpoint },
      });
      const made = (await behind.store.temporaryUrl(ref, { contentDisposition: 'inline' })) ?? assert.fail();
      assert.equal(new URL(made).origin, line.endpoint);
      assert.equal((await fetch(made)).status, 200);
      await behind.remove();
    });
  });
});
