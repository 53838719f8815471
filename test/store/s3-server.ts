import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { createS3Client, type S3Settings } from '../../src/store/s3-client.ts';
import { installOnce } from '../../src/tools/cache.ts';

const run = promisify(execFile);

const SCRIPT = fileURLToPath(new URL('s3_server.py', import.meta.url));
/** Maintained, pages through lists, writes whole objects only (s3rver does none of that on today's Node). */
const MOTO = 'moto==5.2.5';
/** What of its extras S3 needs; all of them would be three times the size. */
const NEEDED = ['flask==3.1.3', 'flask-cors==6.0.5', 'werkzeug==3.1.9', 'PyYAML==6.0.3', 'py-partiql-parser==0.6.3'];
export const SET_UP_MS = 300_000;

export interface S3Server {
  settings: S3Settings;
  pid: number;
  stop(): Promise<void>;
}

/** An S3-compatible server of its own on a free port, with an empty bucket. */
export async function startS3Server(): Promise<S3Server> {
  const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'a-secret-of-tests' };
  const python = await motoPython();
  const child = spawn(python, [SCRIPT, credentials.accessKeyId, credentials.secretAccessKey, 'us-east-1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [endpoint] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('the S3 server ended before it was ready');
    }),
  ])) as [string];
  const settings: S3Settings = {
    ...{ bucket: 'assets-of-tests', endpoint, publicEndpoint: null, region: 'us-east-1', prefix: '', credentials },
    ...{ forcePathStyle: true, timeoutMs: 5_000, presignSeconds: 60 },
  };
  await createS3Client(settings).send(new CreateBucketCommand({ Bucket: settings.bucket }));
  return {
    settings,
    pid: child.pid as number,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The configured store when there is one (an empty bucket for tests), else a server of our own. */
export async function startObjectStore(): Promise<Pick<S3Server, 'settings' | 'stop'>> {
  const { TEST_S3_ENDPOINT: endpoint, TEST_S3_BUCKET: bucket, TEST_S3_REGION: region = 'us-east-1' } = process.env;
  if (endpoint === undefined || endpoint === '') return startS3Server();
  const { TEST_S3_ACCESS_KEY_ID: accessKeyId = '', TEST_S3_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  if (bucket === undefined) throw new Error('TEST_S3_ENDPOINT is set: set TEST_S3_BUCKET too');
  const settings = {
    ...{ bucket, endpoint, publicEndpoint: null, region, prefix: `test-${Date.now()}/` },
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: process.env['TEST_S3_FORCE_PATH_STYLE'] === 'true',
    ...{ timeoutMs: 10_000, presignSeconds: 60 },
  };
  return { settings, stop: () => Promise.resolve() };
}

let python: Promise<string> | null = null;
const motoPython = (): Promise<string> => (python ??= installMoto());

/** Its own environment in the user's cache, made once: ten seconds. */
async function installMoto(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'mcp-bridge', 'python-moto', MOTO.replace('==', '-'));
  await installOnce(folder, async (temporary) => {
    await run('python3', ['-m', 'venv', temporary]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', MOTO, ...NEEDED];
    await run(join(temporary, 'bin', 'python'), pip, { timeout: SET_UP_MS });
  });
  return join(folder, 'bin', 'python');
}
