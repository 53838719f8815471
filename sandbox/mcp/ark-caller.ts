import { setTimeout as sleep } from 'node:timers/promises';

/** What marks a request to Ark as an MCP server's: fault rules and the ledger tell the two ways apart by it. */
export const VIA_HEADER = 'x-sandbox-via';

export interface ArkCallerOptions {
  /** Up to and with `/api/v3`. */
  baseUrl: string;
  apiKey: string | null;
  /** How often a picture's request is sent again inside, after a failure that its client takes for a passing one. */
  hiddenRetries: number;
  /** Factor on the pauses between those. */
  delayScale: number;
}

export interface ArkReply {
  /** 0: no answer. */
  status: number;
  text: string;
}

export const NO_KEY = 'API key is required (set ARK_API_KEY)';

/** Ark as an MCP server for it asks: over HTTP, on an account of its own. */
export class ArkCaller {
  readonly #options: ArkCallerOptions;

  constructor(options: ArkCallerOptions) {
    this.#options = options;
  }

  get hasKey(): boolean {
    return this.#options.apiKey !== null;
  }

  /** One request; without an answer, why. */
  async request(method: string, path: string, body?: object): Promise<ArkReply> {
    const { baseUrl, apiKey } = this.#options;
    if (apiKey === null) return { status: 0, text: NO_KEY };
    try {
      const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', [VIA_HEADER]: 'mcp' };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await fetch(baseUrl.replace(/\/+$/, '') + path, init);
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      const refused = code === 'ECONNREFUSED' ? '[Errno 111] Connection refused' : "('Connection aborted.')";
      return { status: 0, text: `network error: HTTPConnectionPool: ${refused}` };
    }
  }

  /** As the OpenAI client inside of seedance-mcp-server does: up to three requests of one, unseen from outside. */
  async persistentRequest(path: string, body: object): Promise<ArkReply> {
    for (let retry = 0; ; retry++) {
      const reply = await this.request('POST', path, body);
      const mayPass = [0, 408, 409, 429].includes(reply.status) || reply.status >= 500;
      if (!mayPass || retry >= this.#options.hiddenRetries) return reply;
      await sleep(500 * 2 ** retry * this.#options.delayScale);
    }
  }
}
