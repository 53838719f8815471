import { ConnectionError, McpBridgeClient, type McpBridgeError } from '../client/index.ts';
import type { Config } from '../config.ts';

/** What every command that talks to a gateway takes. */
export interface GatewayOptions {
  url?: string;
  json?: boolean;
}

export function connect({ gatewayUrl }: Pick<Config, 'gatewayUrl'>, { url }: GatewayOptions): McpBridgeClient {
  const baseUrl = url ?? gatewayUrl;
  let isTold = false;
  const onRetry = ({ message }: McpBridgeError): void => {
    if (!isTold) process.stderr.write(`${message} at ${baseUrl}; trying again for a while.\n`);
    isTold = true;
  };
  return new McpBridgeClient({ baseUrl, onRetry });
}

/** What a gateway refuses, each field by name; and what helps where none answers. */
export function faultInWords(error: McpBridgeError): string {
  const remedy =
    error instanceof ConnectionError
      ? ['  Is a gateway there? `npm start` runs one; --url or MCP_BRIDGE_URL names another.']
      : [];
  return [error.message, ...error.details.map(({ field, message }) => `  ${field} ${message}`), ...remedy].join('\n');
}

/** One line of JSON where a script asked for it, else lines for people. */
export function tell(data: unknown, lines: string[], { json = false }: { json?: boolean | undefined }): void {
  process.stdout.write(json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''));
}
