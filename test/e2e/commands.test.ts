import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Video, VideoList } from '../../src/client/index.ts';
import { builtProgram } from '../built-program.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const FILM = ['A cat on the moon', '--duration', '5', '--resolution', '360p'];
const REFUSED = { code: 'OutputImageSensitiveContentDetected' };
const docs = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');

describe('the commands that talk to a gateway, and the examples of the documentation', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-commands-'));
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(async () => {
    await under.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  function start(program: string, args: string[], environment: Record<string, string> = {}) {
    const gateway = under.stack.urls.gateway;
    const env = { ...process.env, ...under.stack.env, MCP_BRIDGE_URL: gateway, ...environment };
    const child = spawn(program, args, { cwd: scratch, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const told = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (told.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (told.err += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...told }));
    return { child, told, ended };
  }
  const command = (...args: string[]) => start(process.execPath, [builtProgram('src/cli/main.js'), ...args]);

  it('make a film, save it, and find it again', async () => {
    const made = await command('generate', ...FILM, '--out', 'film').ended;
    assert.equal(made.code, 0, made.out + made.err);
    assert.match(made.out, /stage assets\n/);
    assert.match(made.out, /Saved: film\/video\.mp4/);
    assert.ok(readdirSync(path.join(scratch, 'film')).includes('result.json'));

    const list = JSON.parse((await command('list', '--json').ended).out) as VideoList;
    const [{ id } = { id: '' }] = list.videos;
    assert.match((await command('list').ended).out, new RegExp(`^${id}  success .* \\S`));
    const got = JSON.parse((await command('get', id, '--json').ended).out) as Video;
    assert.deepEqual([got.id, got.status], [id, 'success']);
    const views = (await command('watch', id, '--json').ended).out.trim().split('\n');
    assert.deepEqual(
      views.map((line) => (JSON.parse(line) as Video).status),
      ['success'],
    );
    assert.equal((await command('cancel', id).ended).code, 2, 'it has ended');

    const draft = await command('draft', 'unzip', 'film/draft.zip', '--to', 'unzipped').ended;
    assert.equal(draft.code, 0, draft.err);
    assert.match((await command('draft', 'check', draft.out.trim()).ended).out, /is whole/);
  });

  it('say by their exit code how it ended, and leave the video alone at Ctrl-C unless told otherwise', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const partial = await command('generate', ...FILM, '--json').ended;
    assert.equal(partial.code, 3, partial.err);
    assert.equal((JSON.parse(partial.out) as Video).status, 'partial');

    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 3_000 } }]);
    for (const [option, becomes] of [
      [[], 'success'],
      [['--cancel-on-interrupt'], 'cancelled'],
    ] as const) {
      const interrupted = command('generate', ...FILM, ...option);
      await until('it is under way', () => interrupted.told.out.includes('stage assets'));
      interrupted.child.kill('SIGINT');
      const { code, out, err } = await interrupted.ended;
      assert.equal(code, 130, err);
      const id = /v[0-9A-Z]{26}/.exec(out)?.[0] ?? '';
      if (becomes === 'success') assert.match(err, new RegExp(`mcp-bridge cancel ${id}`));
      assert.equal((await under.ended(id)).status, becomes);
      if (becomes === 'cancelled') assert.equal((await command('watch', id).ended).code, 5);
    }
    await under.sandbox.reset();

    const wrong = await command('generate', ...FILM, '--max-cost', 'much').ended;
    assert.deepEqual([wrong.code, /max_cost must be a number/.test(wrong.err)], [2, true], wrong.err);
    assert.equal((await command('get', 'v00000000000000000000000000').ended).code, 2);
    assert.equal((await command('estimate', ...FILM, '--nonsense').ended).code, 2);
    const nobody = await command('list', '--url', 'http://127.0.0.1:9').ended;
    assert.equal(nobody.code, 6, nobody.err);
    assert.match((await command('estimate', ...FILM).ended).out, /scenes: CNY \d/);
  });

  it('doctor: finds a stack that runs in order, and names what is missing with its remedy', async () => {
    const well = await command('doctor', '--json').ended;
    const found = JSON.parse(well.out) as { findings: { check: string; state: string; remedy: string | null }[] };
    assert.equal(well.code, 0, well.out);
    for (const name of ['Temporal', 'ffmpeg', 'fonts', 'keys', 'channels', 'database', 'assets', 'disk space', 'ports'])
      assert.ok(
        found.findings.some(({ check }) => check === name),
        name,
      );
    const main = builtProgram('src/cli/main.js');
    const ill = await start(process.execPath, [main, 'doctor'], {
      FFMPEG_PATH: '/nowhere',
      TEMPORAL_ADDRESS: '192.0.2.1:1',
    }).ended;
    assert.equal(ill.code, 1, ill.out);
    assert.match(ill.out, /✗ ffmpeg .*\n +→ .*FFMPEG_PATH/);
    const broken = await start(process.execPath, [main, 'config', 'check'], { GATEWAY_PORT: 'x' }).ended;
    assert.deepEqual([broken.code, /GATEWAY_PORT/.test(broken.err)], [2, true]);
    assert.equal((await command('config', 'check').ended).code, 0);
  });

  it('complete themselves in bash', async () => {
    const { out } = await command('completion', 'bash').ended;
    writeFileSync(path.join(scratch, 'completion.sh'), out);
    const complete = (words: string): string =>
      `COMP_WORDS=(mcp-bridge ${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _mcp_bridge; echo "\${COMPREPLY[*]}"`;
    const script = `source completion.sh; ${complete('gen')}; ${complete('draft re')}; ${complete('generate --cap')}`;
    const completed = await start('bash', ['-c', script]).ended;
    assert.equal(completed.out, 'generate\nrelocate\n--captions\n', completed.err);
    assert.match((await command('completion', 'fish').ended).out, /complete -c mcp-bridge .* -a relocate/);
  });

  const example = (language: string): string => {
    const found = new RegExp(`\`\`\`${language} example\\n([^]*?)\`\`\``).exec(docs('clients.md'))?.[1];
    assert.ok(found !== undefined);
    return found
      .replaceAll('http://127.0.0.1:8001', under.stack.urls.gateway)
      .replace('"duration": 15', '"duration": 5, "resolution": "360p"');
  };

  for (const { language, program } of [
    { language: 'sh', program: 'bash' },
    { language: 'python', program: 'python3' },
  ])
    it(`docs/clients.md: the example for ${language} downloads a film`, async () => {
      rmSync(path.join(scratch, 'video.mp4'), { force: true });
      const ran = await start(program, [language === 'sh' ? '-ec' : '-c', example(language)]).ended;
      assert.equal(ran.code, 0, ran.err + ran.out);
      assert.ok(existsSync(path.join(scratch, 'video.mp4')), ran.out);
      assert.equal(readFileSync(path.join(scratch, 'video.mp4')).toString('latin1', 4, 8), 'ftyp');
    });

  it('docs/clients.md: what n8n and Dify take is as they take it', async () => {
    const workflow = JSON.parse(docs('examples/n8n-workflow.json')) as {
      nodes: { name: string; type: string; typeVersion: number; parameters: Record<string, unknown> }[];
      connections: Record<string, { main: { node: string }[][] }>;
    };
    const names = workflow.nodes.map(({ name }) => name);
    const leads = Object.entries(workflow.connections).flatMap(([from, { main }]) => [
      from,
      ...main.flat().map(({ node }) => node),
    ]);
    for (const name of leads) assert.ok(names.includes(name), name);
    for (const { type, parameters } of workflow.nodes) {
      const known = N8N_PARAMETERS[type];
      assert.ok(known !== undefined, type);
      for (const name of Object.keys(parameters)) assert.ok(known.includes(name), `${type}: ${name}`);
    }
    const ask = workflow.nodes.find(({ name }) => name === 'Ask for the video');
    const body = ask?.parameters['jsonBody'] as string;
    const estimate = await under.request('POST', '/api/v1/estimate', { body: JSON.parse(body) as unknown });
    assert.equal(estimate.status, 200, 'the gateway takes the body');

    // Dify's reader (ApiBasedToolSchemaParser) wants a server, and a body's schema, if by reference, among the components.
    const document = (await (await under.request('GET', '/openapi.json')).json()) as OpenApi;
    assert.equal(document.servers[0]?.url, under.stack.urls.gateway);
    const schema = document.paths['/api/v1/generate-video']?.['post']?.requestBody.content['application/json'].schema;
    const named = document.components.schemas[schema?.$ref.split('/').at(-1) ?? ''];
    assert.ok(named !== undefined && 'video_theme' in named.properties && named.required.includes('video_theme'));
  });
});

/** As n8n-nodes-base describes them at these versions. */
const N8N_PARAMETERS: Record<string, string[]> = {
  'n8n-nodes-base.manualTrigger': [],
  'n8n-nodes-base.wait': ['resume', 'amount', 'unit'],
  'n8n-nodes-base.if': ['conditions', 'options'],
  'n8n-nodes-base.httpRequest': [
    ...['method', 'url', 'sendHeaders', 'headerParameters', 'sendBody', 'specifyBody', 'jsonBody', 'options'],
  ],
};

interface OpenApi {
  servers: { url: string }[];
  paths: Record<
    string,
    Record<string, { requestBody: { content: { 'application/json': { schema: { $ref: string } } } } }>
  >;
  components: { schemas: Record<string, { properties: Record<string, unknown>; required: string[] }> };
}
