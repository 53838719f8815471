import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike, Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpChannel } from '../../domain/config-files.ts';

interface TransportOptions {
  /** The longest answer of a child; over HTTP, `fetch` bounds it. */
  maxAnswerBytes: number;
  fetch: FetchLike | null;
  /** Put before a command. */
  launcher: readonly string[];
}

/** The way to an MCP server, as its channel has it: by URL, or a child of this process. */
export function transportTo(channel: McpChannel, { maxAnswerBytes, fetch, launcher }: TransportOptions): Transport {
  if ('url' in channel) {
    const options = { requestInit: { headers: channel.headers }, ...(fetch === null ? {} : { fetch }) };
    return new StreamableHTTPClientTransport(new URL(channel.url), options) as Transport;
  }
  const [command = '', ...args] = [...launcher, channel.command, ...channel.args];
  const { env, cwd } = channel;
  return new StdioClientTransport({
    ...{ command, args, env, ...(cwd === undefined ? {} : { cwd }) },
    // It logs requests and what was wrong with them: not ours to keep.
    stderr: 'ignore',
    maxBufferSize: maxAnswerBytes,
  });
}

/** A body that ends with an error where it gets longer than an answer may be. */
export async function* bounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  onEnd: () => void = () => {},
): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new RangeError(`an answer of more than ${maxBytes} bytes`);
      yield chunk;
    }
  } finally {
    onEnd();
  }
}
