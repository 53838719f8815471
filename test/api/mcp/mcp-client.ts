import { Client, StreamableHTTPClientTransport, type CallToolResult } from '@modelcontextprotocol/client';

export const NEWEST = '2026-07-28';

/** The SDK's own client over HTTP, in the newest revision or as clients of last year speak. */
export async function connectMcp(url: string, revision: typeof NEWEST | 'legacy' = NEWEST): Promise<Client> {
  const mode = revision === 'legacy' ? revision : { pin: revision };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

/** What a model reads of an answer. */
export const textOf = ({ content }: CallToolResult): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');

/** The data of an answer that is no error. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function dataOf(result: CallToolResult): any {
  if (result.isError === true) throw new Error(textOf(result));
  return result.structuredContent;
}
