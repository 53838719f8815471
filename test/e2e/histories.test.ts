import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { createDataConverter, MAX_PAYLOAD_BYTES } from '../../src/temporal/data-converter.ts';
import { StackUnderTest } from './stack-under-test.ts';

const THEME = '一只名叫橘子的猫在月球上开咖啡馆';

/** As an operator would write it: what goes out cannot be read without the key, and its length says little. */
const CODECS = `
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { gzipSync, gunzipSync } from 'node:zlib';
const key = Buffer.alloc(32, 7);
const seal = (payload) => {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const plain = gzipSync(JSON.stringify({ m: Object.entries(payload.metadata).map(([k, v]) => [k, Buffer.from(v).toString('base64')]), d: Buffer.from(payload.data ?? []).toString('base64') }));
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from('binary/sealed') }, data };
};
const unseal = ({ data }) => {
  const cipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  cipher.setAuthTag(data.subarray(-16));
  const { m, d } = JSON.parse(gunzipSync(Buffer.concat([cipher.update(data.subarray(12, -16)), cipher.final()])));
  return { metadata: Object.fromEntries(m.map(([k, v]) => [k, Buffer.from(v, 'base64')])), data: Buffer.from(d, 'base64') };
};
export default [{ encode: async (list) => list.map(seal), decode: async (list) => list.map(unseal) }];
`;

describe('what histories hold', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  /** Every history of a video, as whoever can read Temporal's database sees it: bytes of payloads as text. */
  async function historiesOf(id: string): Promise<{ text: string; largest: number }> {
    const raw = new Client({ connection: under.client.connection });
    let text = '';
    let largest = 0;
    const read = (part: unknown, key = ''): void => {
      if (part instanceof Uint8Array) {
        if (key === 'data') largest = Math.max(largest, part.byteLength);
        text += `${Buffer.from(part).toString('utf8')}\n`;
      } else if (typeof part === 'string') {
        text += `${part}\n`;
      } else if (typeof part === 'object' && part !== null) {
        for (const [name, value] of Object.entries(part)) read(value, name);
      }
    };
    for (const suffix of ['', '/audio/1', '/visual/1'])
      read(await raw.workflow.getHandle(`video-${id}${suffix}`).fetchHistory());
    return { text, largest };
  }

  it('references, never bytes of media, and no key', async () => {
    await under.sandbox.reset();
    const id = await under.order({ video_theme: THEME, duration: 15 });
    await under.finished(id);
    const { text, largest } = await historiesOf(id);
    assert.ok(text.includes(THEME));
    assert.ok(largest < 8 * 1024, `the largest payload has ${largest} bytes`);
    assert.ok(largest < MAX_PAYLOAD_BYTES);
    assert.doesNotMatch(text, /Bearer|"api_?key"|X-Tos-Signature/i);
    assert.ok(!text.includes(under.dataDir), 'no path of this machine');
  });

  it('refuse what is too large to travel, with the remedy', async () => {
    const limited = await createDataConverter(null);
    const client = new Client({ connection: under.client.connection, dataConverter: limited });
    await assert.rejects(
      client.workflow.start('generateVideo', {
        args: ['x'.repeat(MAX_PAYLOAD_BYTES + 1)],
        taskQueue: 'orchestration',
        workflowId: 'too-large',
      }),
      (error: Error) => /store it and pass an AssetRef/.test(`${error.message} ${String(error.cause)}`),
    );
  });

  it('nothing that people wrote, when a codec is named', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-codecs-'));
    const codecs = path.join(folder, 'codecs.mjs');
    writeFileSync(codecs, CODECS);
    const sealed = await StackUnderTest.start({ PAYLOAD_CODEC_MODULE: codecs });
    const open = under;
    try {
      under = sealed;
      const id = await sealed.order({ video_theme: THEME });
      const video = await sealed.finished(id);
      assert.equal(video.status, 'success');
      const { text } = await historiesOf(id);
      assert.ok(!text.includes(THEME.slice(0, 6)));
    } finally {
      under = open;
      await sealed.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
