import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/activity';
import sharp from 'sharp';
import { ASPECT_RATIOS, canvasFor } from '../../src/domain/canvas.ts';
import { until } from '../ledger/shop.ts';
import { IMAGE_MODEL, KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { pngOf } from './hostile-png.ts';
import { newVideoId, TENANT, useWorkshop } from './workshop.ts';

const SMALL_MODEL = 'doubao-seedream-3-0-t2i-250415';

describe('generateStill', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox, { ARK_IMAGE_MODEL: SMALL_MODEL });
  /** The model that the product takes by default: four times as many pixels. */
  const largeWorkshop = useWorkshop(sandbox);

  beforeEach(() => sandbox.clear());

  const inputOf = (change: { sceneId?: string; prompt?: string; maxCost?: number } = {}) => ({
    videoId: newVideoId(),
    tenant: TENANT,
    sceneId: 's1',
    prompt: '阳台上的番茄',
    aspectRatio: '9:16' as const,
    canvas: canvasFor('9:16', '360p'),
    maxCost: null,
    ...change,
  });
  type Input = Parameters<typeof workshop.activities.generateStill>[0];

  const make = (input: Input) => workshop.run(workshop.activities.generateStill, input);
  const failure = (input: Input) => workshop.failure(workshop.activities.generateStill, input);
  const states = async ({ videoId }: Input) => (await workshop.account(videoId)).lines.map(({ state }) => state);
  const downloads = async () => (await sandbox.ledger()).arrived.filter(({ route }) => route === 'download').length;

  it('stores a whole picture that covers the canvas, for one call', async () => {
    const input = inputOf();
    const still = await largeWorkshop.run(largeWorkshop.activities.generateStill, input);
    const { width, height, format } = await sharp(await largeWorkshop.deps.assets.read(still.image)).metadata();
    assert.deepEqual([still.width, still.height, still.image.mediaType], [width, height, `image/${format}`]);
    assert.ok(width >= input.canvas.width && height >= input.canvas.height);
    assert.equal(still.model, IMAGE_MODEL);
    assert.equal((await workshop.billed('image')).length, 1);
    const { lines } = await largeWorkshop.account(input.videoId);
    assert.deepEqual(
      lines.map(({ sceneId, purpose, units, price, basis, state }) => ({
        sceneId,
        purpose,
        units,
        price,
        basis,
        state,
      })),
      [{ sceneId: 's1', purpose: 'still', units: { images: 1 }, price: 0.2, basis: 'reported', state: 'bought' }],
    );
  });

  it('has the ratio asked for', async () => {
    for (const aspectRatio of ASPECT_RATIOS) {
      const still = await make({ ...inputOf(), aspectRatio, canvas: canvasFor(aspectRatio, '360p') });
      const [w, h] = aspectRatio.split(':').map(Number) as [number, number];
      assert.ok(Math.abs(still.width / still.height - w / h) < 0.01, `${still.width}x${still.height}`);
    }
  });

  describe('with a reference picture', () => {
    const uploaded = async (room: typeof workshop, change: { width?: number; height?: number } = {}) => {
      const create = { width: 400, height: 300, ...change, channels: 3, background: '#b01818' } as const;
      return (await room.deps.assets.put(await sharp({ create }).png().toBuffer(), 'image/png')).sha256;
    };
    const meanOf = async (room: typeof workshop, input: Input) => {
      const still = await room.run(room.activities.generateStill, input);
      const { channels } = await sharp(await room.deps.assets.read(still.image)).stats();
      return channels.map(({ mean }) => mean) as [number, number, number];
    };

    it('takes after it, where the model takes one', async () => {
      const [red, green] = await meanOf(largeWorkshop, { ...inputOf(), referenceImage: await uploaded(largeWorkshop) });
      const [plainRed, plainGreen] = await meanOf(largeWorkshop, inputOf());
      assert.ok(red - green > plainRed - plainGreen + 20, `${red - green} and ${plainRed - plainGreen}`);
    });

    it('is made without it, where the model takes none', async () => {
      const input = inputOf();
      const still = await make({ ...input, referenceImage: await uploaded(workshop) });
      assert.equal(still.model, SMALL_MODEL);
      assert.deepEqual(await states(input), ['bought']);
    });

    it('fails for good, unsent, when the reference is gone or of no use', async () => {
      for (const [referenceImage, code] of [
        ['0'.repeat(64), 'asset_missing'],
        [await uploaded(largeWorkshop, { width: 1_000, height: 20 }), 'unusable_reference_image'],
        [(await largeWorkshop.deps.assets.put(Buffer.from('text'), 'image/png')).sha256, 'unusable_reference_image'],
      ] as const) {
        const input = { ...inputOf(), referenceImage };
        const { type, nonRetryable } = await largeWorkshop.failure(largeWorkshop.activities.generateStill, input);
        assert.deepEqual([type, nonRetryable], [code, true]);
        assert.deepEqual((await largeWorkshop.account(input.videoId)).lines, []);
      }
      assert.equal((await sandbox.ledger()).arrived.length, 0);
    });
  });

  it('is bought and fetched once, however often the activity is repeated', async () => {
    const input = inputOf();
    const first = await make(input);
    assert.deepEqual(await make(input), first);
    assert.deepEqual([(await workshop.billed('image')).length, await downloads()], [1, 1]);
  });

  it('is bought for each scene, also when two ask for the same', async () => {
    const input = inputOf();
    await Promise.all([make(input), make({ ...input, sceneId: 's2' })]);
    assert.equal((await workshop.billed('image')).length, 2);
  });

  // "RIFF…WEBP" is how such a file begins; nothing after it is a picture.
  const corrupt = { body: `RIFF\0\0\0\0WEBPVP8 ${'x'.repeat(5_000)}`, contentType: 'image/webp' };
  for (const [what, fault, type] of [
    ['its host failed', { status: 503 }, 'temporary_failure'],
    ['its host was busy', { status: 429, headers: { 'Retry-After': '4' } }, 'rate_limit'],
    ['the connection broke', { noAnswer: 'before' }, 'network_error'],
    ['it was cut off', { cutAfterBytes: 2_000 }, 'network_error'],
    ['it was no picture', { garbage: true }, 'temporary_failure'],
    ['it could not be decoded', corrupt, 'temporary_failure'],
  ] as const) {
    it(`is fetched again, and not bought again, when ${what}`, async () => {
      await sandbox.faults([{ route: 'download', nth: 1, fault }]);
      const input = inputOf();
      const failed = await failure(input);
      assert.deepEqual([failed.type, failed.nonRetryable], [type, false]);
      if ('headers' in fault) assert.equal(failed.nextRetryDelay, 4_000);
      // Paid already, whatever becomes of the file.
      assert.deepEqual(await states(input), ['bought']);
      const still = await make(input);
      assert.ok(still.image.sizeBytes > 5_000);
      assert.deepEqual([(await workshop.billed('image')).length, await downloads()], [1, 2]);
    });
  }

  it('is fetched until it is a picture for a film, whatever comes in its place; never bought again', async () => {
    const grey = (width: number, height: number) => pngOf({ width, height, rows: Buffer.alloc((width + 1) * height) });
    const hostile: [what: string, bytes: Buffer | string][] = [
      ['60,000 pixels each way, of which nothing is there', pngOf({ width: 60_000, height: 60_000 })],
      ['a few kilobytes that unpack to 36 megapixels', grey(6_000, 6_000)],
      ['one pixel', grey(1, 1)],
      ['a hair of 20,000 pixels', grey(20_000, 200)],
      [
        'a drawing that names other files',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/hostname"/></svg>',
      ],
      ['a playlist', '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n'],
      ['an error page', '<html><body>upstream</body></html>'],
      ['nothing', ''],
    ];
    await sandbox.faults(
      hostile.map(([, content], at) => ({
        route: 'download' as const,
        nth: at + 1,
        fault: { bytes: Buffer.from(content).toString('base64'), contentType: 'image/png' },
      })),
    );
    const input = inputOf();
    for (const [what] of hostile) {
      const { type, nonRetryable } = await failure(input);
      assert.deepEqual([type, nonRetryable], ['temporary_failure', false], what);
    }
    assert.ok((await make(input)).image.sizeBytes > 5_000);
    assert.deepEqual([(await workshop.billed('image')).length, await downloads()], [1, hostile.length + 1]);
  });

  it('is not fetched from where the provider has no business, and costs nothing more', async () => {
    await sandbox.faults([
      { route: 'download', nth: 1, fault: { status: 302, headers: { Location: 'http://169.254.169.254/latest/' } } },
      { route: 'download', nth: 2, fault: { status: 307, headers: { Location: 'https://localhost:1/a.png' } } },
      { route: 'download', nth: 3, fault: { status: 302, headers: { Location: 'file:///etc/hostname' } } },
    ]);
    const input = inputOf();
    for (let time = 1; time <= 3; time++) {
      const { type, nonRetryable, message } = await failure(input);
      assert.deepEqual([type, nonRetryable], ['permanent', true], message);
      assert.equal(await downloads(), time);
    }
    assert.equal((await workshop.billed('image')).length, 1);
  });

  describe('that is cancelled while it is fetched', () => {
    const cancelInTheDownload = async (input: Input) => {
      const attempt = workshop.attempt();
      const making = workshop.run(workshop.activities.generateStill, input, attempt);
      await until(async () => (await downloads()) === 1);
      return { making, cancel: () => attempt.cancel() };
    };

    it('is kept when it comes in time', async () => {
      await sandbox.faults([{ route: 'download', fault: { delayMs: 300 } }]);
      const input = inputOf();
      const { making, cancel } = await cancelInTheDownload(input);
      cancel();
      const still = await making;
      assert.deepEqual(await make(input), still);
      assert.equal(await downloads(), 1);
    });

    it('is waited for less than eight seconds, and fetched, not bought, by the next attempt', async () => {
      await sandbox.faults([{ route: 'download', nth: 1, fault: { hang: true } }]);
      const input = inputOf();
      const { making, cancel } = await cancelInTheDownload(input);
      let isOver = false;
      const cancelled = assert.rejects(
        making.finally(() => (isOver = true)),
        CancelledFailure,
      );
      mock.timers.enable({ apis: ['setTimeout'] });
      try {
        cancel();
        mock.timers.tick(5_000);
        await turn();
        assert.equal(isOver, false);
        mock.timers.tick(2_999);
        await cancelled;
      } finally {
        mock.timers.reset();
      }
      await make(input);
      assert.deepEqual([(await workshop.billed('image')).length, await downloads()], [1, 2]);
    });
  });

  it('fails for good when its link has expired, and is not bought again', async () => {
    await sandbox.faults([{ route: 'download', fault: { status: 403 } }]);
    const input = inputOf();
    for (let time = 0; time < 2; time++) {
      const { nonRetryable, message } = await failure(input);
      assert.equal(nonRetryable, true);
      // The link's query is a signature.
      assert.doesNotMatch(message, /https?:/);
    }
    assert.equal((await workshop.billed('image')).length, 1);
  });

  it('fails for good, unpaid, when the prompt is refused', async () => {
    await sandbox.faults([{ route: 'image', fault: { code: 'InputTextSensitiveContentDetected' } }]);
    const input = inputOf();
    const { type, nonRetryable } = await failure(input);
    assert.deepEqual([type, nonRetryable], ['content_rejected', true]);
    assert.deepEqual(await states(input), []);
  });

  it('is bought a second time, and no third, when no answer came', async () => {
    await sandbox.faults([{ route: 'image', count: 2, fault: { noAnswer: 'after' } }]);
    const input = inputOf();
    assert.equal((await failure(input)).type, 'outcome_unknown');
    assert.equal((await failure(input)).type, 'outcome_unknown');
    const last = await failure(input);
    assert.deepEqual([last.type, last.nonRetryable], ['outcome_unknown', true]);
    assert.deepEqual(await states(input), ['unknown', 'unknown']);
    assert.equal((await workshop.billed('image')).length, 2);
  });

  it('is not bought past max_cost', async () => {
    const input = inputOf({ maxCost: 0.3 });
    await make(input);
    const { type, nonRetryable } = await failure({ ...input, sceneId: 's2' });
    assert.deepEqual([type, nonRetryable], ['max_cost_reached', true]);
    assert.equal((await workshop.billed('image')).length, 1);
  });
});
