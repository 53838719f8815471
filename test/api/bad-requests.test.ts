import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PATH = '/api/v1/generate-video';

/** The gateway has no Temporal here: a request that got as far as starting a run would be a 503. */
describe('bad requests', () => {
  let gateway: TestGateway;
  before(async () => void (gateway = await startTestGateway(noTemporal())));
  after(() => gateway.stop());

  async function refused(
    body: unknown,
    expected: { status: number; code: string; fields: string[] },
    headers: Record<string, string> = {},
  ) {
    const answer = await gateway.post(body, headers);
    assert.equal(answer.status, expected.status, answer.text);
    assert.equal(answer.json.error.code, expected.code);
    assert.deepEqual(
      answer.json.error.details.map((fault: { field: string }) => fault.field).sort(),
      [...expected.fields].sort(),
    );
    return answer;
  }
  const invalid = (body: unknown, ...fields: string[]) =>
    refused(body, { status: 400, code: 'INVALID_REQUEST', fields });

  it('names every wrong field at once', async () => {
    const body = {
      video_theme: 7,
      duration: '30',
      aspect_ratio: '2:1',
      resolution: '4k',
      fps: 29,
      format: 'avi',
      ai_asset_type: 'x',
      visual_style: 'x'.repeat(201),
      enable_tts: 'yes',
      voice_type: 'nobody',
      language: 'not a tag',
      captions: true,
      bgm: '../etc/passwd',
      scenes: 'all',
      reference_image: 3,
      priority: 0,
      deadline: 'tomorrow',
      max_cost: 0,
      webhook_url: 7,
      vidéo: 1,
    };
    await invalid(body, ...Object.keys(body));
  });

  it('names faults of every kind in one answer', async () => {
    const notHere = '0'.repeat(64);
    const nowhere = { webhook_url: 'not even an address' };
    const body = { video_theme: 'ok', deadline: '2020-01-01T00:00:00Z', language: 'sw', bgm: notHere, ...nowhere };
    const scenes = [{ scene: 1, picture: notHere, sound: 1 }, 'x'];
    const { json } = await invalid(
      { ...body, scenes },
      ...['deadline', 'language', 'bgm', 'webhook_url', 'scenes.0.picture', 'scenes.0.sound', 'scenes.1'],
    );
    assert.equal(json.error.message, 'The request has 7 wrong fields; details names each.');
    await invalid({ video_theme: 'ok', deadline: '2020-01-01T00:00:00Z', bgm: notHere }, 'deadline', 'bgm');
  });

  it('says what would be right', async () => {
    const near = await invalid(
      { video_theme: 'x', voice_type: 'zh_male_dongfanghaoran_moon_bigtt', durration: 3 },
      'voice_type',
      'durration',
    );
    const [voice, unknown] = near.json.error.details;
    assert.match(voice.message, /did you mean zh_male_dongfanghaoran_moon_bigtts\? .*openapi\.json/);
    assert.match(unknown.message, /did you mean duration\?/);
    const far = await invalid(
      { video_theme: 5, voice_type: 'nobody', foo: 1, theme: 'x' },
      'video_theme',
      'voice_type',
      'foo',
      'theme',
    );
    const said = Object.fromEntries(
      far.json.error.details.map(({ field, message }: { field: string; message: string }) => [field, message]),
    );
    assert.match(said['video_theme'], /^must be a text/);
    assert.match(said['voice_type'], /^is not a known voice\. All/);
    assert.match(said['foo'], /; remove it\./);
    assert.match(said['theme'], /did you mean video_theme\?/);
    const one = await invalid({}, 'video_theme');
    assert.equal(one.json.error.message, 'The request has 1 wrong field; details names it.');
    assert.match(one.json.error.details[0].message, /^is required/);
  });

  it('wants a theme that says something', async () => {
    await invalid({}, 'video_theme');
    for (const theme of ['', '   \n ', '🎉🎉!', '\ud800 broken', 'nul \u0000', 'x'.repeat(2001), null])
      await invalid({ video_theme: theme }, 'video_theme');
  });

  it('wants a voice that speaks the language', async () => {
    const wrong = { video_theme: 'x', voice_type: 'en_male_adam_mars_bigtts', language: 'zh-CN' };
    const { json } = await invalid(wrong, 'voice_type');
    assert.match(json.error.details[0].message, /does not speak zh-CN: send one that does \(zh_male_dongfanghaoran/);
    await invalid({ video_theme: '新しいスマートウォッチ' }, 'language');
    await invalid({ video_theme: 'x', language: 'fr' }, 'language');
  });

  it('refuses values at and beyond the borders', async () => {
    for (const duration of [4, 181, 5.5, -1]) await invalid({ video_theme: 'x', duration }, 'duration');
    for (const max_cost of [-1, 0, 'free']) await invalid({ video_theme: 'x', max_cost }, 'max_cost');
    await invalid({ video_theme: 'x', deadline: '2020-01-01T00:00:00Z' }, 'deadline');
    await invalid({ video_theme: 'x', deadline: '2090-01-01' }, 'deadline');
  });

  it('refuses receivers of webhooks that are none, or not on the public internet', async () => {
    for (const webhook_url of [
      ...['x', 'http://a.example/hook', 'ftp://a.example', 'https://user:word@a.example/hook', 'https://intranet/hook'],
      ...[
        'https://127.0.0.1/hook',
        'https://[::1]/hook',
        'https://10.1.2.3',
        'https://localhost',
        'https://0x7f.1/hook',
      ],
    ])
      await invalid({ video_theme: 'x', webhook_url }, 'webhook_url');
  });

  it('wants music that exists and is sound', async () => {
    await refused(
      { video_theme: 'x', bgm: '0'.repeat(64) },
      { status: 422, code: 'ASSET_NOT_USABLE', fields: ['bgm'] },
    );
    const picture = await gateway.store.put(Buffer.from('not sound'), 'image/png');
    await refused(
      { video_theme: 'x', bgm: picture.sha256 },
      { status: 422, code: 'ASSET_NOT_USABLE', fields: ['bgm'] },
    );
  });

  it('wants own scenes that fit the film, and assets that fit their fields', async () => {
    const { sha256: picture } = await gateway.store.put(Buffer.from('a picture'), 'image/png');
    const { sha256: narration } = await gateway.store.put(Buffer.from('a recording'), 'audio/wav');
    const scenes = [
      { scene: 1, picture },
      { scene: 1, picture },
      { scene: 3, picture },
      { scene: 2, narration },
    ];
    const body = { video_theme: 'x', duration: 10, scenes };
    // What only shows when scenes are seen together is told once each of them is well formed.
    await invalid(
      {
        ...body,
        scenes: [...scenes, { scene: 2.5, text: ' ', picture: 'mine', sound: 1 }],
        reference_image: 'x',
      },
      'scenes.4.scene',
      'scenes.4.text',
      'scenes.4.picture',
      'scenes.4.sound',
      'reference_image',
    );
    await invalid(body, 'scenes.1.scene', 'scenes.2.scene', 'scenes.3.text');
    await invalid({ video_theme: 'x', scenes: [{ scene: 1 }] }, 'scenes.0.scene');
    await refused(
      { video_theme: 'x', reference_image: '1'.repeat(64), scenes: [{ scene: 1, text: 'x', narration: picture }] },
      { status: 422, code: 'ASSET_NOT_USABLE', fields: ['reference_image', 'scenes.0.narration'] },
    );
    await refused(
      { video_theme: 'x', scenes: [{ scene: 1, clip: picture }] },
      { status: 422, code: 'ASSET_NOT_USABLE', fields: ['scenes.0.clip'] },
    );
    // Beside a wrong field, what an asset is comes out as well.
    await invalid({ video_theme: '', scenes: [{ scene: 1, clip: '1'.repeat(64) }] }, 'video_theme', 'scenes.0.clip');
    await invalid(
      { video_theme: 'x', scenes: [{ scene: 1, picture, clip: picture }] },
      'scenes.0.clip',
      'scenes.0.clip',
    );
  });

  it('refuses keys that are no keys', async () => {
    for (const key of ['', 'k'.repeat(256), 'caf\u00e9']) {
      await refused(
        { video_theme: 'x' },
        { status: 400, code: 'INVALID_REQUEST', fields: ['Idempotency-Key'] },
        { 'idempotency-key': key },
      );
    }
  });

  it('refuses bodies that are not one JSON object', async () => {
    const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = JSON_TYPE) =>
      gateway.request('POST', PATH, { body, headers });
    for (const body of ['', '{"video_theme": "a private theme', '{video_theme:1}'])
      assert.equal((await post(body)).json.error.code, 'INVALID_JSON');
    assert.equal((await post(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).json.error.code, 'INVALID_JSON');
    assert.equal((await gateway.request('POST', PATH)).json.error.code, 'INVALID_JSON');
    for (const body of ['[]', '"x"', 'null', '7']) assert.equal((await post(body)).json.error.details[0].field, 'body');
    assert.equal((await post('{"video_theme":"x"}', { 'content-type': 'text/plain' })).status, 415);
    for (const [charset, status] of Object.entries({ gbk: 415, '"latin1"': 415, 'UTF-8': 400, utf8: 400 })) {
      const type = { 'content-type': `application/json; charset=${charset}` };
      assert.equal((await post('{"video_theme":""}', type)).status, status, charset);
    }
    assert.equal((await post('{"video_theme":"x"}', { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 415);
    assert.ok(!gateway.log().includes('a private theme'));
  });

  it('survives JSON ten thousand levels deep', async () => {
    for (const body of [
      `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      '{"video_theme":'.repeat(4000),
    ]) {
      assert.equal((await gateway.request('POST', PATH, { body, headers: JSON_TYPE })).status, 400);
    }
    await invalid(JSON.parse('{"video_theme":"x","__proto__":{"duration":5}}'), '__proto__');
  });

  it('refuses ten megabytes without reading them', async () => {
    const body = JSON.stringify({ video_theme: 'x'.repeat(10 * 1024 * 1024) });
    const answer = await gateway.request('POST', PATH, { body, headers: JSON_TYPE });
    assert.equal(answer.status, 413);
    assert.equal(answer.json.error.code, 'BODY_TOO_LARGE');
    assert.equal(answer.json.error.message, 'The body is larger than 64 KB.');
    assert.ok(answer.elapsedMs < onABusyMachine(1000), `${answer.elapsedMs} ms`);
    assert.equal((await raw('POST', `Content-Type: application/json\r\nContent-Length: 10485760\r\n`)).status, 413);
    assert.equal(
      (
        await raw(
          'POST',
          `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n`,
          `20000\r\n${'x'.repeat(0x20000)}`,
        )
      ).status,
      413,
    );
  });

  it('refuses 64 KiB of headers, and cuts off who goes on sending', async () => {
    assert.equal((await raw('GET', `X-Long: ${'x'.repeat(65_536)}\r\n`)).status, 431);
    const endless = await raw('POST', `Content-Type: application/json\r\nContent-Length: 10485760\r\n`, '', true);
    assert.ok(endless.closedAfterMs < onABusyMachine(5000), `${endless.closedAfterMs} ms`);
  });

  /** Speaks HTTP by hand: what a client library would never send. */
  async function raw(method: string, headers: string, body = '', untilClosed = false) {
    const startedAt = performance.now();
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${method} ${PATH} HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    if (untilClosed) await once(socket.resume(), 'close');
    else socket.destroy();
    return { status: Number(first.toString().split(' ')[1]), closedAfterMs: performance.now() - startedAt };
  }
});
