import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CapcutEngine } from '../../../sandbox/capcut/engine.ts';
import { CapcutMcp } from '../../../sandbox/capcut/mcp.ts';
import { Faults, type FaultRule } from '../../../sandbox/faults.ts';
import { ProviderError } from '../../../src/domain/errors.ts';
import { filesIn } from '../../../src/draft/zip-draft.ts';
import type { Capcut, CapcutCall } from '../../../src/providers/capcut/interfaces.ts';
import { writeCapcutFolder } from '../../../src/providers/capcut/write-draft.ts';
import type { Timeline } from '../../../src/timeline/timeline.ts';
import { until } from '../../until.ts';
import { testTimeline } from '../../render/films.ts';
import { CREATED_AT_MS, useStudio } from '../studio.ts';
import { draftOver, LIMITS, mcpCommand, useServers } from './servers.ts';

const CANVAS = { width: 360, height: 640 };
const SHORT = { ...LIMITS, readTimeoutMs: 400 };
const text = (start: number): CapcutCall => ({
  tool: 'add_text',
  parameters: { track_name: 'captions', text: 'a', start, end: start + 1, font: null },
});

/** A draft of one text; what it fails with, as kind and code. */
async function fails(capcut: Capcut, folder = '/nowhere', signal = new AbortController().signal): Promise<string> {
  const error = await oneText(capcut, { folder, signal }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProviderError, String(error));
  return `${error.details.kind} ${error.details.code}`;
}

async function oneText(capcut: Capcut, { folder, signal }: { folder: string; signal: AbortSignal }): Promise<string> {
  const draft = await capcut.begin(CANVAS, { signal });
  try {
    await draft.add(text(0));
    await draft.save(folder);
    return draft.id;
  } finally {
    await draft.close();
  }
}

/** Living children of this process: none may be left of a draft. */
const children = (): string => readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();

describe('CapCutAPI over HTTP', () => {
  const studio = useStudio();
  const servers = useServers();
  beforeEach(() => servers.faults([]));
  const strikes = (fault: FaultRule['fault'], match: string) => servers.faults([{ route: 'capcut', match, fault }]);
  const ask = async (path: string, body: unknown) =>
    (await fetch(`${servers.url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })) as Response;

  it('makes a draft where it is told, and only a confirmed one counts', async () => {
    const signal = new AbortController().signal;
    const id = await oneText(servers.http(), { folder: studio.root, signal });
    assert.match(id, /^dfd_cat_\d{10}_[0-9a-f]{8}$/);
    assert.ok((await filesIn(join(studio.root, id))).includes('draft_info.json'));
    // It says that all is well, and has saved nothing.
    const noFolder = join(studio.root, 'a file');
    writeFileSync(noFolder, '');
    const answer = (await (await ask('save_draft', { draft_id: id, draft_folder: noFolder })).json()) as object;
    assert.deepEqual(answer, { error: '', output: { draft_url: '', success: true }, success: true });
    assert.equal(await fails(servers.http(), noFolder), 'temporary_failure NotSaved');
    await strikes({ body: { success: true, output: { success: true, draft_url: null }, error: '' } }, 'save_draft');
    assert.equal(await fails(servers.http()), 'temporary_failure NotSaved');
  });

  it('that forgets a draft makes another one without a word: found by its id', async () => {
    const first = (await (await ask('create_draft', {})).json()) as { output: { draft_id: string } };
    const other = (await (await ask('add_text', { text: 'a', draft_id: 'dfd_cat_1_unknown' })).json()) as typeof first;
    assert.notEqual(other.output.draft_id, 'dfd_cat_1_unknown');
    await strikes({ body: { success: true, output: first.output, error: '' } }, 'add_text');
    assert.equal(await fails(servers.http()), 'temporary_failure DraftLost');
  });

  it('refuses what overlaps by a microsecond, and says it with 200', async () => {
    const draft = await servers.http().begin(CANVAS, { signal: new AbortController().signal });
    await draft.add(text(0));
    const refused = await draft.add(text(0.999_999)).catch((error: unknown) => error);
    assert.ok(refused instanceof ProviderError);
    assert.deepEqual([refused.details.kind, refused.details.code], ['permanent', 'SegmentOverlap']);
    await draft.add(text(1));
  });

  it('knows the crossfade by the name that its app has for it', async () => {
    const image: CapcutCall = {
      tool: 'add_image',
      parameters: { track_name: 'pictures', image_url: '/a.png', start: 0, end: 1, transition: 'crossfade' },
    };
    const asked: string[] = [];
    const unknown =
      'Error occurred while processing image: Warning: Unsupported transition type Mix, this parameter will be ignored.';
    await servers.faults([{ route: 'capcut', match: '"Mix"', fault: { code: 'X', message: unknown } }]);
    const draft = await servers.http().begin(CANVAS, { signal: new AbortController().signal });
    // CapCut's sandbox does not know JianYing's name either: both were tried, once.
    const error = await draft.add(image).catch((thrown: ProviderError) => thrown);
    asked.push(String((error as ProviderError).details.code));
    assert.deepEqual(asked, ['UnknownTransition']);
    await servers.faults([]);
    const again = await servers.http().begin(CANVAS, { signal: new AbortController().signal });
    await again.add(image);
  });

  for (const [what, fault, expected] of [
    ['a page in place of JSON', { body: '<!doctype html><h1>200</h1>' }, 'network_error StrangeAnswer'],
    ['random bytes', { garbage: true }, 'network_error StrangeAnswer'],
    ['an envelope without success', { body: { output: {} } }, 'network_error StrangeAnswer'],
    ['success without a draft', { body: { success: true, output: 'ok', error: '' } }, 'network_error StrangeAnswer'],
    ['an answer cut off', { cutAfterBytes: 10 }, 'network_error UND_ERR_SOCKET'],
    ['a closed socket', { noAnswer: 'before' }, 'network_error UND_ERR_SOCKET'],
    ['a page with status 500', { status: 500 }, 'permanent Refused'],
    ['a proxy that finds nobody', { status: 503 }, 'temporary_failure Unavailable'],
  ] as const)
    it(`${what} is a typed failure, and quotes nothing`, async () => {
      await strikes(fault, 'add_text');
      assert.equal(await fails(servers.http()), expected);
    });

  it('an answer without end is cut, and a server that is not there is known at once', async () => {
    const endless = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const url = await listening(endless);
    assert.equal(await fails(servers.http(url)), 'network_error StrangeAnswer');
    endless.closeAllConnections();
    await new Promise((resolve) => endless.close(resolve));
    assert.equal(await fails(servers.http(url)), 'network_error ECONNREFUSED');
  });

  it('one that hangs is given up with the signal’s own reason', async () => {
    await strikes({ hang: true }, 'add_text');
    const aborting = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => aborting.abort(reason), 100);
    await assert.rejects(oneText(servers.http(), { folder: '/nowhere', signal: aborting.signal }), reason);
  });

  it('a medium that it could not fetch is missed, and no draft is left', async () => {
    const timeline: Timeline = await testTimeline(studio.assets, { durationSeconds: 5 });
    const missing = writeCapcutFolder(
      {
        ...{ videoId: 'missing', timeline, draftsRoot: studio.draftsRoot, createdAtMs: CREATED_AT_MS },
        ...{ assetPath: studio.assets.path, ffmpeg: studio.ffmpeg, signal: new AbortController().signal },
        capcut: servers.http(),
        sight: {
          draftsRoot: studio.draftsRoot,
          sourceOf: (file) => Promise.resolve(file.endsWith('picture-2.png') ? `${file}.gone` : file),
        },
      },
      () => Promise.resolve(),
    );
    await assert.rejects(missing, (error: ProviderError) => error.details.code === 'draft_media_missing');
    assert.deepEqual(await readdir(studio.draftsRoot), []);
  });
});

describe('CapCutAPI over MCP', () => {
  const studio = useStudio();
  const servers = useServers();
  let before_ = '';
  before(() => void (before_ = children()));
  after(async () => until('no child is left', () => children() === before_));

  const faulty = (rules: FaultRule[]): Capcut => {
    const file = join(studio.root, 'faults.json');
    writeFileSync(file, JSON.stringify(rules));
    return servers.mcp(mcpCommand({ SANDBOX_FAULTS: file }), SHORT);
  };
  const script = (code: string, connectionTimeoutMs = 1_500): Capcut =>
    servers.mcp({ command: process.execPath, args: ['-e', code], env: {} }, { ...SHORT, connectionTimeoutMs });

  it('makes a draft in a child of its own, which is gone afterwards', async () => {
    const id = await oneText(servers.mcp(), { folder: studio.root, signal: new AbortController().signal });
    assert.ok((await filesIn(join(studio.root, id))).includes('draft_info.json'));
    await until('the child is gone', () => children() === before_);
  });

  for (const [what, fault, expected] of [
    [
      'a refusal',
      { code: 'X', message: 'New segment overlaps with existing segment [start: 1, end: 2]' },
      'permanent SegmentOverlap',
    ],
    [
      'a server without its modules',
      { code: 'X', message: 'CapCut modules not available' },
      'temporary_failure NotInstalled',
    ],
    [
      'another draft',
      { body: { success: true, result: { draft_id: 'dfd_cat_0000000001_00000000' } } },
      'temporary_failure DraftLost',
    ],
    ['a result of no known form', { body: { ok: 1 } }, 'network_error StrangeAnswer'],
    ['an answer to nobody', { body: '{"jsonrpc":"2.0","id":999,"result":{}}' }, 'network_error Timeout'],
    ['garbage on the line', { garbage: true }, 'network_error Timeout'],
    ['an error of the protocol', { body: '{"jsonrpc":"2.0","id":4,"error":{"code":-32601,"message":"no"}}' }, null],
    ['silence', { hang: true }, 'network_error Timeout'],
    ['a child that dies in the middle', { noAnswer: 'before' }, 'network_error ConnectionClosed'],
  ] as const)
    it(`${what} is a typed failure, and the child is ended`, async () => {
      const told = await fails(faulty([{ route: 'capcut', match: 'add_text', fault }]));
      if (expected === null) assert.match(told, /^network_error (ProtocolError|Timeout)$/);
      else assert.equal(told, expected);
    });

  for (const [what, capcut, expected] of [
    [
      'a command that is not there',
      () => servers.mcp({ command: '/no/such/command', args: [], env: {} }),
      'network_error ENOENT',
    ],
    ['a command that ends at once', () => script('process.exit(0)'), 'network_error ConnectionClosed'],
    ['a child that never speaks', () => script('setInterval(() => {}, 1000)'), 'network_error Timeout'],
    [
      'a child that never ends its line',
      () => script('process.stdout.write("x".repeat(3_000_000)); setInterval(() => {}, 1000)', 20_000),
      'network_error ConnectionClosed',
    ],
    [
      'another version of the protocol',
      () =>
        script(
          'process.stdin.on("data", (d) => console.log(JSON.stringify({jsonrpc:"2.0",id:JSON.parse(d).id,result:{protocolVersion:"1999-01-01",capabilities:{},serverInfo:{name:"x",version:"1"}}})))',
        ),
      'network_error null',
    ],
  ] as const)
    it(`${what} is no way to a draft`, async () => {
      assert.equal(await fails(capcut()), expected);
    });

  it('a save that was none shows in the folder', async () => {
    const timeline: Timeline = await testTimeline(studio.assets, { durationSeconds: 5 });
    const made = { success: true, result: { draft_url: '' } };
    const capcut = faulty([{ route: 'capcut', match: 'save_draft', fault: { body: made } }]);
    await assert.rejects(draftOver(capcut, timeline, { studio }), (error: ProviderError) => {
      assert.equal(error.details.provider, 'capcut');
      return true;
    });
    assert.deepEqual(await readdir(studio.draftsRoot), []);
  });

  it('ends its child when the draft is cancelled', async () => {
    const aborting = new AbortController();
    const reason = new Error('cancelled');
    setTimeout(() => aborting.abort(reason), 100);
    const hanging = servers.mcp({ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], env: {} });
    await assert.rejects(oneText(hanging, { folder: '/nowhere', signal: aborting.signal }), reason);
    await until('the child is gone', () => children() === before_);
  });

  it('is spoken to over Streamable HTTP, too', async () => {
    const mcp = new CapcutMcp(new CapcutEngine({ home: studio.root }), new Faults(1));
    const server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const answer = request.method === 'POST' ? await mcp.reply(body) : '';
        if (answer === null) response.writeHead(202).end();
        else if (answer === '') response.writeHead(405).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      })();
    });
    const url = await listening(server);
    const id = await oneText(servers.mcp({ url, headers: {} }), {
      ...{ folder: studio.root, signal: new AbortController().signal },
    });
    assert.ok((await filesIn(join(studio.root, id))).includes('draft_info.json'));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
