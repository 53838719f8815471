import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config.ts';
import { noTemporal, startTestGateway, type TestGateway } from '../api/harness.ts';

const run = promisify(execFile);
const { projectDir } = loadConfig({});
/** What the library itself names: whatever else the package depends on, it must do without. */
const NEEDED = ['zod', 'eventsource-parser'];

const PROGRAM = `
import { InvalidRequestError, McpBridgeClient, type FinishedVideo, type Video } from 'mcp-bridge/client';
const client = new McpBridgeClient({ baseUrl: BASE_URL });
console.log((await client.health()).checks.gateway.ok);
try {
  await client.estimate({ video_theme: 'x', duration: 1 });
} catch (error) {
  if (!(error instanceof InvalidRequestError)) throw error;
  console.log(error.code, error.details.map(({ field }) => field).join());
}
export async function film(): Promise<FinishedVideo> {
  const video = await client.generateVideo(
    { video_theme: 'x', ai_asset_type: 'text_to_image', scenes: [{ scene: 1, text: 'y' }] },
    { onProgress: (seen: Video) => console.log(seen.status), signal: AbortSignal.timeout(1000) },
  );
  // @ts-expect-error -- what a video does not have
  console.log(video.nothing);
  // @ts-expect-error -- what the contract does not know
  await client.estimate({ video_theme: 'x', resolution: '4k' });
  const status: 'success' | 'partial' = video.status;
  console.log(status, video.degradations[0]?.why, video.cost?.total);
  return video;
}
`;

describe('the packed package, in a fresh project', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-fresh-'));
  const modules = path.join(folder, 'node_modules');
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway(noTemporal());
    await run('npm', ['pack', '--pack-destination', folder], { cwd: projectDir });
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
    // As npm lays it out; all that the whole product depends on would be half a gigabyte.
    mkdirSync(path.join(modules, 'mcp-bridge'), { recursive: true });
    await run('tar', [
      '-xzf',
      path.join(folder, tarball),
      '-C',
      path.join(modules, 'mcp-bridge'),
      '--strip-components=1',
    ]);
    for (const name of NEEDED) symlinkSync(path.join(projectDir, 'node_modules', name), path.join(modules, name));
    writeFileSync(path.join(folder, 'package.json'), '{"name": "fresh", "type": "module"}');
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const compile = (name: string, source: string, options: Record<string, unknown>): Promise<unknown> => {
    writeFileSync(path.join(folder, `${name}.ts`), source);
    const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: false, ...options };
    writeFileSync(path.join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
    const compiler = path.join(projectDir, 'node_modules/typescript/bin/tsc');
    return run(process.execPath, [compiler, '-p', path.join(folder, `${name}.json`)]).catch(
      (error: { stdout: string }) => assert.fail(error.stdout),
    );
  };

  it('compiles under nodenext, with Node’s types alone, and runs', async () => {
    mkdirSync(path.join(modules, '@types'), { recursive: true });
    symlinkSync(path.join(projectDir, 'node_modules/@types/node'), path.join(modules, '@types/node'));
    const options = { module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2022'], types: ['node'] };
    await compile('main', PROGRAM.replace('BASE_URL', "process.argv[2] ?? ''"), options);
    const { stdout } = await run(process.execPath, [path.join(folder, 'main.js'), gateway.url]);
    assert.equal(stdout, 'true\nINVALID_REQUEST duration\n');
  });

  it('compiles for a bundler, with a browser’s types alone', async () => {
    const lib = ['es2022', 'dom', 'dom.iterable'];
    const options = { module: 'esnext', moduleResolution: 'bundler', noEmit: true, lib, types: [] };
    await compile('browser', PROGRAM.replace('BASE_URL', "'http://127.0.0.1:8001'"), options);
  });
});
