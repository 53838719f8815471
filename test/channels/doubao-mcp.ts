import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { McpChannel } from '../../src/domain/config-files.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { createDoubaoMcp, PROVIDER, type DoubaoMcpOptions } from '../../src/providers/doubao/mcp/doubao-mcp.ts';
import { McpConnection, type McpConnectionOptions } from '../../src/providers/mcp/connection.ts';
import { diesWithParent } from '../../src/tools/dies-with-parent.ts';

const PROGRAM = fileURLToPath(new URL('../../sandbox/mcp/main.ts', import.meta.url));
const PROJECT = path.dirname(path.dirname(path.dirname(PROGRAM)));

/** The sandbox's MCP server as a program, asking Ark at `arkUrl`. */
export const stdioChannel = (arkUrl: string, env: Record<string, string> = {}): McpChannel => ({
  command: process.execPath,
  args: ['--import', 'tsx', PROGRAM],
  env: { ARK_API_KEY: 'a-key', ARK_BASE_URL: arkUrl, SANDBOX_DELAY_SCALE: '0.002', ...env },
  cwd: PROJECT,
});

export const MODEL = 'doubao-seedream-4-0-250828';
export const SMALL_MODEL = 'doubao-seedream-3-0-t2i-250415';

export const pictureOf = (prompt: string, change: { model?: string; referenceImage?: string } = {}) => ({
  ...{ model: SMALL_MODEL, prompt, width: 720, height: 1280, seed: 11 },
  ...change,
});

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
