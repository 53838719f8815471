import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Client, Progress } from '@modelcontextprotocol/client';
import { Webhook } from 'standardwebhooks';
import { WebhookEvent } from '../../src/contract/webhook.ts';
import { startHost, type LocalHost } from '../../src/providers/testing/local-host.ts';
import { builtProgram } from '../built-program.ts';
import { connectMcp, dataOf } from '../api/mcp/mcp-client.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const run = promisify(execFile);
const SECRET = 'whsec_YSBzZWNyZXQgb2YgdGVzdHMsIDMyIGxvbmc=';

describe('an assistant', () => {
  let under: StackUnderTest;
  let mcp: Client;
  let receiver: LocalHost;
  before(
    async () => {
      receiver = await startHost(
        (response) => void response.writeHead(receiver.requests.length <= 2 ? 503 : 204).end(),
      );
      under = await StackUnderTest.start({
        ...{ WEBHOOK_SECRET: SECRET, WEBHOOK_RETRY_SECONDS: '0.5', WEBHOOK_ALLOW_PRIVATE: 'true' },
      });
      mcp = await connectMcp(under.stack.urls.mcp);
    },
    { timeout: 240_000 },
  );
  after(async () => {
    await mcp.close();
    await under.stop();
    await receiver.close();
  });

  it('makes a film by MCP on the one-machine stack, and its receiver is told where it is, once it takes it', async () => {
    const call = (name: string, args: Record<string, unknown>, onprogress: (progress: Progress) => void = () => {}) =>
      mcp.callTool({ name, arguments: args }, { onprogress }).then(dataOf);
    const { id } = await call('generate_video', { ...SMALL, webhook_url: `${receiver.url}/told` });
    const heard: number[] = [];
    let waited = { ended: false, video: {} as Record<string, string> };
    for (let n = 0; n < 12 && !waited.ended; n++)
      waited = await call('wait_for_video', { id, timeout_seconds: 20 }, ({ progress }) => heard.push(progress));
    const { video } = waited;
    assert.equal(video['status'], 'success', JSON.stringify(video));
    assert.ok(heard.length > 2, `progress: ${heard.join(' ')}`);
    assert.equal(heard.at(-1), 100);

    const film = await under.download(video['video_url']!);
    assert.equal(film.subarray(4, 8).toString(), 'ftyp');
    const { contents } = await mcp.readResource({ uri: `mcp-bridge://videos/${id}/captions` });
    assert.match((contents[0] as { text: string }).text, /00:00:0\d,\d{3} --> /);

    const command = async (...words: string[]) => {
      const env = { ...process.env, ...under.stack.env };
      return (await run(process.execPath, [builtProgram('src/cli/main.js'), 'webhooks', ...words], { env })).stdout;
    };
    await until('both attempts have failed', () => receiver.requests.length >= 2);
    const letter = receiver.requests[0]!.headers['webhook-id'] as string;
    await until('it is a dead letter', async () => (await command('list')).includes(letter));
    await command('replay', letter);
    await until('the receiver has taken it', () => receiver.requests.length >= 3);
    const { headers, body } = receiver.requests[2]!;
    assert.equal(headers['webhook-id'], letter);
    const secret = (await command('secret')).trim();
    assert.equal(secret, SECRET);
    const event = WebhookEvent.parse(new Webhook(secret).verify(body, headers as Record<string, string>));
    assert.deepEqual([event.type, event.data.video_url], ['video.finished', video['video_url']]);
  });
});
