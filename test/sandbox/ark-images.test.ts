import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import sharp from 'sharp';

import { startSandbox } from '../../sandbox/server.ts';
import { useSandbox, type ArkError } from './harness.ts';

interface Images {
  model: string;
  data: { url: string; size?: string }[];
  usage: { generated_images: number; output_tokens: number; total_tokens: number };
}

describe('Ark images', () => {
  const sandbox = useSandbox();

  it('makes a JPEG of the exact raster, by link, with the token formula', async () => {
    const response = await sandbox.image('智能手表', { model: 'doubao-seedream-4-5-251128', size: '1440x2560' });
    const body = (await response.json()) as Images;
    assert.equal(body.data[0]?.size, '1440x2560');
    assert.deepEqual(body.usage, { generated_images: 1, output_tokens: 14_400, total_tokens: 14_400 });
    const download = await fetch(body.data[0]?.url ?? '');
    assert.equal(download.headers.get('content-type'), 'image/jpeg');
    const { format, width, height } = await sharp(await download.arrayBuffer()).metadata();
    assert.deepEqual([format, width, height], ['jpeg', 1440, 2560]);
  });

  it('draws the same for the same prompt and size, and something else for another', async () => {
    const [one, again, other] = [
      await sandbox.imageBytes('海边的日出'),
      await sandbox.imageBytes('海边的日出'),
      await sandbox.imageBytes('海边的日落'),
    ];
    assert.ok(one.equals(again));
    assert.ok(!one.equals(other));
    const { entropy } = await sharp(one).stats();
    assert.ok(entropy > 3, 'a picture, not a plain colour');
    const elsewhere = await startSandbox({ delayScale: 0, seed: 2 });
    const body = {
      model: 'ep-1',
      prompt: '海边的日出',
      size: '720x1280',
      response_format: 'b64_json',
      watermark: false,
    };
    const response = await fetch(`${elsewhere.url}/api/v3/images/generations`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify(body),
    });
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    await elsewhere.close();
    assert.notEqual(data[0]?.b64_json, one.toString('base64'));
  });

  it('prints the vendor mark unless told not to', async () => {
    const marked = await sandbox.imageBytes('山', { watermark: undefined });
    assert.ok(!marked.equals(await sandbox.imageBytes('山')));
  });

  it('survives any text in a prompt', async () => {
    for (const prompt of ['<svg>&"\u0001]]>', '🎬'.repeat(40), 'x'.repeat(3000), '，。']) {
      const { width } = await sharp(await sandbox.imageBytes(prompt)).metadata();
      assert.equal(width, 720);
    }
  });

  it('gives PNG on the 5.0 family, seed on 3.0, and a tier by the prompt’s ratio', async () => {
    const png = await sandbox.imageBytes('书', { model: 'doubao-seedream-5-0-pro-260628', output_format: 'png' });
    assert.equal((await sharp(png).metadata()).format, 'png');
    const old = 'doubao-seedream-3-0-t2i-250415';
    const [one, two] = [
      await sandbox.imageBytes('书', { model: old, seed: 1 }),
      await sandbox.imageBytes('书', { model: old, seed: 2 }),
    ];
    assert.ok(!one.equals(two));
    const tier = (await (await sandbox.image('咖啡, 9:16', { size: '1K' })).json()) as Images;
    assert.equal(tier.data[0]?.size, '800x1424');
  });

  it('makes several for a sequence, as a list or as events', async () => {
    const more = {
      size: '1024x1024',
      sequential_image_generation: 'auto',
      sequential_image_generation_options: { max_images: 2 },
    };
    const list = (await (await sandbox.image('四季的树，共4张', more)).json()) as Images;
    assert.equal(list.data.length, 2);
    assert.equal(list.usage.generated_images, 2);
    const events = await (await sandbox.image('四季的树，共4张', { ...more, stream: true })).text();
    assert.equal(events.match(/^event: image_generation.partial_succeeded$/gm)?.length, 2);
    assert.match(events, /event: image_generation.completed/);
  });

  for (const [name, more, code, param] of [
    ['720×1280 on 4.5', { model: 'doubao-seedream-4-5-251128' }, 'InvalidParameter', 'size'],
    ['1080×1920 on 5.0 lite', { model: 'doubao-seedream-5-0-260128', size: '1080x1920' }, 'InvalidParameter', 'size'],
    [
      'too many pixels on 5.0 pro',
      { model: 'doubao-seedream-5-0-pro-260628', size: '2848x2848' },
      'InvalidParameter',
      'size',
    ],
    ['a sliver', { size: '200x6000' }, 'InvalidParameter', 'size'],
    ['a tier the model lacks', { size: '3K' }, 'InvalidParameter', 'size'],
    ['a seed on 4.0', { seed: 5 }, 'InvalidParameter', 'seed'],
    ['guidance on 4.0', { guidance_scale: 3 }, 'InvalidParameter', 'guidance_scale'],
    ['PNG on 4.0', { output_format: 'png' }, 'InvalidParameter', 'output_format'],
    ['an empty prompt', { prompt: '' }, 'MissingParameter', 'prompt'],
    ['a bad image link', { image: 'ftp://x' }, 'InvalidImageURL.InvalidFormat', 'image'],
    [
      'editing without an image',
      { model: 'doubao-seededit-3-0-i2i-250628', size: 'adaptive' },
      'MissingParameter',
      'image',
    ],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const response = await sandbox.image('x', more);
      const { error } = (await response.json()) as ArkError;
      assert.deepEqual([response.status, error.code, error.param, error.type], [400, code, param, 'BadRequest']);
    });
  }

  it('signs its links: GET only, and whole', async () => {
    const { data } = (await (await sandbox.image('房子')).json()) as Images;
    const url = data[0]?.url ?? '';
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 403);
    assert.equal((await fetch(url.replace(/X-Tos-Expires=\d/, 'X-Tos-Expires=9'))).status, 403);
    assert.equal((await fetch(url.replace(/[0-9a-f]{40}\.jpeg/, `${'0'.repeat(40)}.jpeg`))).status, 403);
  });
});

describe('a link of a second', () => {
  const sandbox = useSandbox({ urlTtlSeconds: 1 });

  it('has expired after it', async () => {
    const { data } = (await (await sandbox.image('房子')).json()) as Images;
    await sleep(2_100);
    const expired = await fetch(data[0]?.url ?? '');
    assert.equal(expired.status, 403);
    assert.equal(expired.headers.get('content-type'), 'application/xml');
    assert.match(await expired.text(), /<Code>AccessDenied<\/Code><Message>Request has expired/);
  });
});

describe('a reference picture', () => {
  const sandbox = useSandbox();
  const plain = async (background: string) =>
    `data:image/png;base64,${(
      await sharp({ create: { width: 40, height: 40, channels: 3, background } })
        .png()
        .toBuffer()
    ).toString('base64')}`;
  const meanOf = async (picture: Buffer) => (await sharp(picture).stats()).channels.map(({ mean }) => mean);

  it('gives its colours to what is drawn', async () => {
    const [red, green] = [
      await meanOf(await sandbox.imageBytes('海边的日出', { image: await plain('#b01818') })),
      await meanOf(await sandbox.imageBytes('海边的日出', { image: [await plain('#18b018')] })),
    ];
    assert.ok(red[0]! > red[1]! + 30, `red ${red.join()}`);
    assert.ok(green[1]! > green[0]! + 30, `green ${green.join()}`);
  });

  it('that cannot be decoded is refused, and nothing is billed', async () => {
    const response = await sandbox.image('山', { image: 'data:image/jpeg;base64,AAAA' });
    const { error } = (await response.json()) as ArkError;
    assert.deepEqual([response.status, error.code], [400, 'InvalidParameter.UnsupportedImageFormat']);
    assert.equal((await sandbox.ledger()).lines.length, 2);
  });

  it('is not taken by 3.0', async () => {
    const response = await sandbox.image('山', { model: 'doubao-seedream-3-0-t2i-250415', image: await plain('#fff') });
    assert.equal(((await response.json()) as ArkError).error.param, 'image');
  });
});
