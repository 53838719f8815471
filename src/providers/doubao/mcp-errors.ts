import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifyArkError } from './ark-errors.ts';

/** What an MCP server for Doubao says when a tool failed: text that wraps what Ark said. `isError` stays false on it. */
export interface DoubaoMcpFault {
  error: string;
}

/** An Ark envelope as JSON, or as Python prints it: `{"error": {"code": "X", …}}`, `{'error': {'code': 'X', …}}`. */
const CODE = /['"]code['"]\s*:\s*['"]([\w.-]{1,100})['"]/;
const MESSAGE = /['"]message['"]\s*:\s*(?:"([^"]*)"|'([^']*)')/;
/** `Error code: 429 - {…}`: its HTTP client's own form. */
const STATUS = /Error code:\s*(\d{3})/;

/** Told before anything was sent. */
const NOT_SENT = /connection refused|ECONNREFUSED|name or service not known|nodename nor servname|ENOTFOUND/i;
/** The server's own words for a request that went out and was not answered. */
const NETWORK = /^network error:|Connection error|timed? ?out/i;

/** What it means for the next attempt: as over HTTP where Ark's code can be dug out. */
export function classifyDoubaoMcpError({ error }: DoubaoMcpFault): { kind: ProviderErrorKind; code: string | null } {
  const code = CODE.exec(error)?.[1] ?? null;
  const status = STATUS.exec(error)?.[1];
  if (code !== null) {
    const message = MESSAGE.exec(error);
    // Without a status, the code's family alone decides; an unknown code then counts as the provider's own fault.
    return classifyArkError({
      ...{ code, status: status === undefined ? 500 : Number(status) },
      message: message?.[1] ?? message?.[2] ?? '',
    });
  }
  if (NOT_SENT.test(error)) return { kind: 'network_error', code };
  if (status !== undefined && Number(status) < 500)
    return classifyArkError({ code: '', status: Number(status), message: '' });
  // A bare 5xx, a broken connection, or no known words: whether Ark made and billed it cannot be told.
  return { kind: 'outcome_unknown', code: NETWORK.test(error) ? 'NetworkError' : code };
}
