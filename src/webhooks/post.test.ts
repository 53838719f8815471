import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CLOSED_PORT, startHost, type LocalHost } from '../providers/testing/local-host.ts';
import { postWebhook } from './post.ts';
import { faultOfTarget } from './target.ts';

const letter = (url: string) => ({ url, headers: {}, body: '{}' });

describe('a webhook’s target', () => {
  let inside: LocalHost;
  let outside: LocalHost;
  before(async () => {
    inside = await startHost((response) => void response.writeHead(204).end());
    outside = await startHost((response) => void response.writeHead(302, { location: inside.url }).end());
  });
  after(async () => {
    await Promise.all([inside.close(), outside.close()]);
  });

  it('is a host on the public internet, by its URL', () => {
    const strict = { allowPrivate: false };
    assert.equal(faultOfTarget('https://hooks.example.com/x?y=z', strict), null);
    for (const url of [
      ...['http://hooks.example.com', 'ftp://hooks.example.com', 'nowhere', 'https://user:word@hooks.example.com'],
      ...['https://127.0.0.1', 'https://2130706433', 'https://[::ffff:10.0.0.1]', 'https://169.254.169.254/latest'],
      ...['https://localhost', 'https://a.localhost.', 'https://intranet'],
    ])
      assert.notEqual(faultOfTarget(url, strict), null, url);
    assert.equal(faultOfTarget('http://127.0.0.1:9000/x', { allowPrivate: true }), null);
  });

  it('is never one inside, and is not followed elsewhere', async () => {
    const blocked = { outcome: 'dead', failure: 'blocked_address', retryAfterSeconds: null };
    for (const url of [inside.url, inside.url.replace('http', 'https'), inside.url.replace('127.0.0.1', 'localhost')])
      assert.deepEqual(await postWebhook(letter(url), { allowPrivate: false }), blocked);
    const redirected = await postWebhook(letter(outside.url), { allowPrivate: true });
    assert.deepEqual([redirected.outcome, redirected.failure], ['failed', 'http_302']);
    assert.equal(inside.requests.length, 0);
  });

  it('that is not there is tried again', async () => {
    const url = `http://127.0.0.1:${CLOSED_PORT}`;
    const sent = await postWebhook(letter(url), { allowPrivate: true });
    assert.deepEqual([sent.outcome, sent.failure], ['failed', 'ECONNREFUSED']);
  });
});
