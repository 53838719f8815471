import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { McpChannel } from '../../domain/config-files.ts';
import { ProviderError } from '../../domain/errors.ts';
import { printable, systemCode } from '../error-code.ts';
import { neverSent, outcomeUnknown } from '../paid-post.ts';
import { transportTo } from './transport.ts';
import { watchedFetch } from './watched-fetch.ts';

/**
 * Answers are text and URLs. A server that sends a picture all the same (four times in base64) should not end the
 * connection; but each piece of a line is joined to all before it, so that much longer ones would hold up everything else.
 */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Before a server that failed is started or connected to again: doubled with each failure that follows another. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Of what a server said while it was connected to; nothing of a prompt has been sent by then. */
const REASON_LENGTH = 200;

export interface McpConnectionOptions {
  channel: McpChannel;
  /** `doubao-mcp`: named in errors and in the log. */
  provider: string;
  connectTimeoutMs: number;
  /** The longest that a call may take. */
  longestAnswerMs: number;
  /** Over HTTP; a child takes what it is given. */
  maxConnections: number;
  /** Put before a command, so that the child ends with this process. */
  launcher?: readonly string[];
  /** Lines for the log. */
  note: (fields: Record<string, unknown>, message: string) => void;
}

/**
 * One MCP server: started, or connected to, with the first call, and again with the next call after it was lost. Calls are
 * sent once and never called off. Before a call has gone out, a failure is `network_error`; after that it is
 * `outcome_unknown`.
 */
export class McpConnection {
  readonly #options: McpConnectionOptions;
  readonly #http: ReturnType<typeof watchedFetch> | null;
  #session: Promise<Session> | null = null;
  readonly #open = new Set<Session>();
  #failuresInARow = 0;
  #notBefore = 0;
  #isClosed = false;

  constructor(options: McpConnectionOptions) {
    this.#options = options;
    const { channel, connectTimeoutMs, maxConnections, longestAnswerMs } = options;
    // Its own limit comes after every call's.
    const limits = { maxAnswerBytes: MAX_ANSWER_BYTES, answerTimeoutMs: longestAnswerMs + connectTimeoutMs };
    this.#http = 'url' in channel ? watchedFetch({ ...limits, maxConnections, connectTimeoutMs }) : null;
  }

  /** Processes that were started for it and have not ended. */
  get children(): number[] {
    return [...this.#open].flatMap(({ pid }) => (pid === null ? [] : [pid]));
  }

  /** @throws ProviderError */
  async call(name: string, input: Record<string, unknown>, options: { timeoutMs: number }): Promise<CallToolResult> {
    const session = await this.#connected();
    session.underWay++;
    try {
      const answer = await this.#send(session, { name, arguments: input }, options.timeoutMs);
      this.#failuresInARow = 0;
      return answer;
    } catch (error) {
      const { isSent, isLost } = whatBecame(error);
      if (isLost) this.#lose(session);
      throw this.#failureOf(error, isSent);
    } finally {
      session.underWay--;
      this.#endIfIdle(session);
    }
  }

  /** Children have ended when this resolves: asked first, then made to. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.catch(() => {});
    await Promise.all([...this.#open].map(({ client }) => client.close()));
    await this.#http?.close();
  }

  #send({ client }: Session, call: { name: string; arguments: Record<string, unknown> }, timeoutMs: number) {
    const send = async () => (await client.callTool(call, undefined, { timeout: timeoutMs })) as CallToolResult;
    const lost = () => new McpError(ErrorCode.ConnectionClosed, 'the answer’s stream ended without it');
    return this.#http === null ? send() : this.#http.untilLost(send, lost);
  }

  #connected(): Promise<Session> {
    return (this.#session ??= this.#connect().catch((error: unknown) => {
      this.#session = null;
      throw error;
    }));
  }

  async #connect(): Promise<Session> {
    const { channel, launcher = [], provider, connectTimeoutMs, note } = this.#options;
    if (this.#isClosed) throw neverSent(provider, 'Closed');
    if (Date.now() < this.#notBefore) throw neverSent(provider, 'RestartPause');
    const client = new Client({ name: 'mcp-bridge', version: '1' });
    // Stray lines and late answers come here. What they quote may be a prompt.
    client.onerror = (error) =>
      note({ provider, error: error.name, code: codeOf(error) }, 'an MCP connection complains');
    const fetch = this.#http?.fetch ?? null;
    const transport = transportTo(channel, { maxAnswerBytes: MAX_ANSWER_BYTES, fetch, launcher });
    try {
      await client.connect(transport, { timeout: connectTimeoutMs });
    } catch (cause) {
      this.#pause();
      const reason = cause instanceof Error ? cause.message.slice(0, REASON_LENGTH) : null;
      note({ provider, code: codeOf(cause), reason }, 'an MCP server cannot be reached');
      throw neverSent(provider, codeOf(cause));
    }
    const pid = transport instanceof StdioClientTransport ? transport.pid : null;
    const session: Session = { client, pid, underWay: 0, isLost: false };
    this.#open.add(session);
    client.onclose = () => {
      this.#open.delete(session);
      this.#lose(session);
    };
    return session;
  }

  #failureOf(error: unknown, isSent: boolean): ProviderError {
    const { provider } = this.#options;
    const status = error instanceof StreamableHTTPError ? (error.code ?? null) : null;
    const code = codeOf(error);
    if (isSent) return outcomeUnknown({ provider, status }, 'gave no answer', code);
    if (status !== 401 && status !== 403) return neverSent(provider, code);
    return new ProviderError(`${provider} refused our credentials`, {
      ...{ kind: 'provider_auth', provider, code, httpStatus: status, retryAfterMs: null, billed: 'no' },
    });
  }

  /** The next call connects anew; calls that are under way on this one go on. */
  #lose(session: Session): void {
    if (session.isLost) return;
    session.isLost = true;
    this.#session = null;
    this.#pause();
    this.#options.note({ provider: this.#options.provider }, 'an MCP connection is lost');
  }

  #endIfIdle(session: Session): void {
    if (session.isLost && session.underWay === 0) void session.client.close();
  }

  #pause(): void {
    this.#notBefore = Date.now() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failuresInARow, LONGEST_PAUSE_MS);
    this.#failuresInARow++;
  }
}

interface Session {
  client: Client;
  pid: number | null;
  /** Calls without an answer. */
  underWay: number;
  isLost: boolean;
}

/** A request that the server's own words say was not carried out. */
const NOT_CARRIED_OUT: readonly number[] = [
  ErrorCode.ParseError,
  ErrorCode.InvalidRequest,
  ErrorCode.MethodNotFound,
  ErrorCode.InvalidParams,
];
/** No connection: not a byte was sent. */
const NO_CONNECTION =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_\w+|\w+_CERT\w*)$/;

/** Whether a call that failed had gone out, and whether others had better go over a new connection. */
function whatBecame(error: unknown): { isSent: boolean; isLost: boolean } {
  if (error instanceof McpError) {
    // Who is silent for longer than any call may take stands still.
    const isLost =
      error.code === (ErrorCode.RequestTimeout as number) || error.code === (ErrorCode.ConnectionClosed as number);
    return { isSent: !NOT_CARRIED_OUT.includes(error.code), isLost };
  }
  if (error instanceof StreamableHTTPError) {
    // By HTTP's own meaning of the status; 404 and 400 may say that a session is over.
    const status = error.code ?? 0;
    return { isSent: !(status >= 300 && status < 500 && status !== 408), isLost: true };
  }
  // The library has no code for a call on a connection that has ended.
  if (error instanceof Error && error.message === 'Not connected') return { isSent: false, isLost: true };
  if (error instanceof TypeError) return { isSent: !NO_CONNECTION.test(codeOf(error) ?? ''), isLost: true };
  // An answer that cannot be read.
  return { isSent: true, isLost: false };
}

function codeOf(error: unknown): string | null {
  if (error instanceof McpError) return `JsonRpc${error.code}`;
  if (error instanceof StreamableHTTPError) return printable(`Http${error.code}`);
  return systemCode(error) ?? systemCode((error as { cause?: unknown } | null)?.cause);
}
