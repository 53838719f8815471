import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { noTemporal, startTestGateway, type Answer, type TestGateway } from './harness.ts';

const padded = (head: string | Buffer): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([Buffer.from(head as string, 'latin1'), Buffer.alloc(200, 7)]));
const MP3 = padded('ID3\x04');
const FILES: [string, Uint8Array<ArrayBuffer>, string?][] = [
  ['audio/mpeg', MP3, 'audio/mp3'],
  ['audio/mpeg', padded('\xff\xfb\x90')],
  ['audio/aac', padded('\xff\xf1\x50')],
  ['audio/wav', padded('RIFF0000WAVE'), 'audio/x-wav'],
  ['audio/ogg', padded('OggS')],
  ['audio/mp4', padded('0000ftypM4A '), 'audio/x-m4a'],
  ['video/mp4', padded('0000ftypisom'), 'video/x-m4v'],
  ['video/mp4', padded('0000ftypmp42')],
  ['video/quicktime', padded('0000ftypqt  ')],
  ['video/webm', padded('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm')],
  ['image/jpeg', padded('\xff\xd8\xff\xe0')],
  ['image/png', padded('\x89PNG\r\n\x1a\n')],
  ['image/webp', padded('RIFF0000WEBP'), 'application/octet-stream'],
];

describe('assets', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  before(async () => {
    database = await startEmbedded();
    gateway = await startTestGateway(noTemporal(), { ...database.environment, MAX_UPLOAD_MB: '0.5' });
  });
  after(async () => {
    await gateway.stop();
    await database.stop();
  });

  const upload = (body: Uint8Array<ArrayBuffer>, type: string): Promise<Answer> =>
    gateway.request('POST', '/api/v1/assets', { body, headers: { 'content-type': type } });
  const get = (id: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    gateway.request(method, `/api/v1/assets/${id}`, { headers });

  it('takes sound, pictures and clips by what they are', async () => {
    for (const [type, bytes, claimed = type] of FILES) {
      const { status, json, headers } = await upload(bytes, claimed);
      assert.equal(status, 201, `${claimed} ${JSON.stringify(json)}`);
      assert.deepEqual(json.data, {
        id: createHash('sha256').update(bytes).digest('hex'),
        media_type: type,
        size_bytes: bytes.byteLength,
        url: `${gateway.url}/api/v1/assets/${json.data.id}`,
      });
      assert.equal(headers.get('location'), `/api/v1/assets/${json.data.id}`);
    }
  });

  it('refuses what is not what it says, or not taken at all', async () => {
    assert.equal((await upload(MP3, 'audio/wav')).status, 415);
    assert.equal((await upload(MP3, 'text/html')).status, 415);
    assert.equal((await upload(padded('<html>'), 'audio/mpeg')).status, 415);
    assert.equal((await upload(padded('0000ftypisom'), 'audio/mp4')).status, 415);
    assert.equal((await gateway.request('POST', '/api/v1/assets')).status, 400);
  });

  it('tells who sends a form how to send raw bytes', async () => {
    for (const type of ['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded']) {
      const { status, json } = await upload(MP3, type);
      assert.equal(status, 415);
      assert.match(json.error.message, /no form: send raw bytes, as curl --data-binary @file -H/);
    }
  });

  it('refuses what is too large, said or not', async () => {
    const large = Buffer.concat([MP3, Buffer.alloc(600 * 1024)]);
    const refused = await upload(new Uint8Array(large), 'audio/mpeg');
    assert.equal(refused.status, 413);
    assert.equal(refused.json.error.message, 'The body is larger than 0.5 MB, which MAX_UPLOAD_MB allows.');
    const chunks = ReadableStream.from([
      new Uint8Array(large.subarray(0, 300_000)),
      new Uint8Array(large.subarray(300_000)),
    ]);
    const streamed = await fetch(`${gateway.url}/api/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': 'audio/mpeg' },
      body: chunks,
      duplex: 'half',
    } as RequestInit);
    assert.equal(streamed.status, 413);
  });

  it('reads what is left of a refused body, so that the connection serves the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const refused = async (claimed: string, size: number): Promise<number> => {
      const req = request(`${gateway.url}/api/v1/assets`, {
        agent,
        method: 'POST',
        headers: { 'content-type': claimed, 'transfer-encoding': 'chunked' },
      });
      const answered = once(req, 'response') as Promise<[IncomingMessage]>;
      req.write(MP3);
      for (let sent = 0; sent < size; sent += 50_000) {
        await new Promise((resolve) => req.write(Buffer.alloc(50_000), resolve));
        await setImmediate();
      }
      req.end();
      const [answer] = await answered;
      await answer.resume().toArray();
      return answer.statusCode ?? 0;
    };
    for (let round = 0; round < 5; round++) {
      assert.equal(await refused('audio/wav', 400_000), 415);
      assert.equal(await refused('audio/mpeg', 900_000), 413);
    }
    agent.destroy();
  });

  it('serves the bytes for ever, whole, in part, or not again', async () => {
    const { json } = await upload(MP3, 'audio/mpeg');
    const { id } = json.data;
    const whole = await get(id);
    assert.equal(whole.status, 200);
    assert.equal(whole.text, Buffer.from(MP3).toString('latin1'));
    assert.equal(whole.headers.get('content-type'), 'audio/mpeg');
    assert.equal(whole.headers.get('etag'), `"${id}"`);
    assert.match(whole.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(whole.headers.get('content-disposition'), `inline; filename="${id.slice(0, 16)}.mp3"`);

    const part = await get(id, { range: 'bytes=1-2' });
    assert.equal(part.status, 206);
    assert.equal(part.text, 'D3');
    assert.equal(part.headers.get('content-range'), `bytes 1-2/${MP3.byteLength}`);
    assert.equal((await get(id, { range: 'bytes=-3' })).text.length, 3);
    assert.equal((await get(id, { range: 'bytes=200-' })).text.length, MP3.byteLength - 200);
    assert.equal((await get(id, { range: 'bytes=0-1,5-6' })).status, 200);
    assert.equal((await get(id, { range: 'lines=1-2' })).status, 200);
    assert.equal((await get(id, { range: 'bytes=1-2', 'if-range': '"other"' })).status, 200);

    const beyond = await get(id, { range: 'bytes=9999-' });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers.get('content-range'), `bytes */${MP3.byteLength}`);
    assert.equal((await get(id, { 'if-none-match': `"${id}"` })).status, 304);

    const head = await get(id, {}, 'HEAD');
    assert.equal(head.headers.get('content-length'), String(MP3.byteLength));
    assert.equal(head.text, '');
  });

  it('never gives damaged content as a whole, and the same upload again mends it', async () => {
    const sound = new Uint8Array(Buffer.concat([MP3, Buffer.alloc(300_000, 9)]));
    const { id } = (await upload(sound, 'audio/mpeg')).json.data;
    const object = path.join(gateway.config.dataDir, 'assets/objects', id.slice(0, 2), id.slice(2, 4), id);
    const damaged = Buffer.from(sound);
    damaged[200_000]! ^= 1;
    await writeFile(object, damaged);
    const cut = await fetch(`${gateway.url}/api/v1/assets/${id}`);
    await assert.rejects(cut.arrayBuffer());
    assert.match(gateway.log(), /asset_damaged/);
    assert.equal((await upload(sound, 'audio/mpeg')).status, 201);
    assert.equal((await get(id)).text.length, sound.byteLength);
  });

  it('knows nothing by another name', async () => {
    for (const id of ['0'.repeat(64), '..%2F..%2Fetc%2Fpasswd', 'A'.repeat(64), 'x'])
      assert.equal((await get(id)).status, 404);
    assert.equal((await get('%E0%A4%A')).status, 404);
  });

  it('shows no type it does not know', async () => {
    const page = await gateway.store.put(Buffer.from('<script>'), 'text/html');
    const answer = await get(page.sha256);
    assert.match(answer.headers.get('content-disposition') ?? '', /^attachment; filename="[0-9a-f]{16}\.bin"$/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });
});
