import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { McpChannel } from '../../src/domain/config-files.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { createDoubaoMcp, PROVIDER, type DoubaoMcpOptions } from '../../src/providers/doubao/mcp/doubao-mcp.ts';
import { download } from '../../src/providers/download.ts';
import { McpConnection, type McpConnectionOptions } from '../../src/providers/mcp/connection.ts';
import { diesWithParent } from '../../src/tools/dies-with-parent.ts';
import { builtProgram } from '../built-program.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The sandbox's MCP server as a program, asking Ark at `arkUrl`. */
export const stdioChannel = (arkUrl: string, env: Record<string, string> = {}): McpChannel => ({
  command: process.execPath,
  args: [builtProgram('sandbox/mcp/main.js')],
  env: { ARK_API_KEY: 'a-key', ARK_BASE_URL: arkUrl, SANDBOX_DELAY_SCALE: '0.002', ...env },
  cwd: PROJECT,
});

export const MODEL = 'doubao-seedream-4-0-250828';
export const SMALL_MODEL = 'doubao-seedream-3-0-t2i-250415';

export const pictureOf = (prompt: string, change: { model?: string; referenceImage?: string } = {}) => ({
  ...{ model: SMALL_MODEL, prompt, width: 720, height: 1280, seed: 11 },
  ...change,
});

/** One that takes after another, where the model takes one. */
export async function pictureAfterAnother() {
  const create = { width: 64, height: 64, channels: 3, background: '#b01818' } as const;
  const bytes = await sharp({ create }).jpeg().toBuffer();
  const referenceImage = `data:image/jpeg;base64,${bytes.toString('base64')}`;
  return { ...pictureOf('红色', { model: MODEL, referenceImage }), width: 1440, height: 2560 };
}

/** Of the picture that an answer's URL points to: width and height. */
export async function sizeOf(url: string): Promise<[number, number]> {
  const { bytes } = await download(url, {
    ...{ maxBytes: 9e6, timeoutMs: 20_000, idleTimeoutMs: 10_000, accept: ['jpeg', 'png'] },
    allowedHosts: [new URL(url).host],
  });
  const { width, height } = await sharp(bytes).metadata();
  return [width, height];
}

/** What Ark does with a picture's request, what is told of it over MCP, and how many requests the server makes of it. */
export const REFUSALS = [
  ['a refused prompt', { code: 'InputTextSensitiveContentDetected' }, 'content_rejected', 1],
  ['a parameter that is refused', { code: 'InvalidParameter' }, 'permanent', 1],
  ['a key that is refused', { code: 'AuthenticationError' }, 'provider_auth', 1],
  ['too many requests', { code: 'ModelAccountRpmRateLimitExceeded' }, 'rate_limit', 3],
  ['a fault of Ark’s', { code: 'InternalServiceError' }, 'outcome_unknown', 3],
  ['an error page', { status: 502 }, 'outcome_unknown', 3],
  ['no answer', { noAnswer: 'after' }, 'outcome_unknown', 3],
] as const;

const opened: McpConnection[] = [];
after(() => Promise.all(opened.map((connection) => connection.close())));

/** The product's client; closed after the file's tests. `notes` is what it would log. */
export async function openClient(
  channel: McpChannel,
  options: Partial<DoubaoMcpOptions> & Partial<McpConnectionOptions> = {},
) {
  const notes: { message: string; fields: Record<string, unknown> }[] = [];
  const connection = new McpConnection({
    ...{ channel, provider: PROVIDER, maxConnections: 10, launcher: await diesWithParent() },
    ...{ connectTimeoutMs: 30_000, longestAnswerMs: 60_000 },
    note: (fields, message) => void notes.push({ message, fields }),
    ...options,
  });
  opened.push(connection);
  const provider = createDoubaoMcp({ answerMs: { still: 60_000, clip: 60_000 }, ...options, connection });
  return { provider, connection, notes };
}

/** What is told of a call that fails. */
export async function failureOf(work: Promise<unknown>): Promise<ProviderError['details'] & { message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProviderError) return { ...error.details, message: error.message };
    throw error;
  }
  throw new Error('it did not fail');
}
