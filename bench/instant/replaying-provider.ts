import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { startSandbox, type Sandbox } from '../../sandbox/server.ts';
import { seeded } from '../../sandbox/seeded.ts';

interface Recorded {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

type Kind = 'chat' | 'image' | 'speech' | 'download';

/** How long the real services take (the sandbox's own figures). */
const REAL_DELAY_MS: Record<Kind, readonly [number, number]> = {
  ...{ chat: [3_000, 3_000], image: [8_000, 15_000], speech: [1_000, 3_000], download: [0, 0] },
};
/** The least that the product takes for a picture, so that decoding it is not what is measured. */
const SMALL_PICTURE = { width: 90, height: 160 };

/**
 * Providers that answer at once: the wire is real, each answer is what the sandbox has given for the same words before.
 * Pictures are small. With `delays: 'real'` each call takes as long as a real one, always the same for the same words.
 */
export class ReplayingProvider {
  delays: 'none' | 'real' = 'none';
  readonly url: string;
  /** What was asked while it recorded, as it came. */
  readonly asked: { kind: Kind; body: unknown }[] = [];
  readonly #answers = new Map<string, Recorded>();
  readonly #close: () => Promise<void>;
  #upstream: Sandbox | null;

  private constructor(url: string, { upstream, close }: { upstream: Sandbox; close: () => Promise<void> }) {
    this.url = url;
    this.#upstream = upstream;
    this.#close = close;
  }

  /** Records until `replayOnly`. */
  static async start(ffmpegPath: string): Promise<ReplayingProvider> {
    const upstream = await startSandbox({ delayScale: 0, ffmpegPath });
    let provider: ReplayingProvider | null = null;
    const server = createServer((request, response) => void provider?.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    };
    const { port } = server.address() as AddressInfo;
    return (provider = new ReplayingProvider(`http://127.0.0.1:${port}`, { upstream, close }));
  }

  /** From now on nothing is made anew: whoever asks for what was never asked for gets an error. */
  async replayOnly(): Promise<void> {
    await this.#upstream?.close();
    this.#upstream = null;
  }

  async stop(): Promise<void> {
    await this.replayOnly();
    await this.#close();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await buffer(request);
      const { kind, key } = keyOf(request.url ?? '', body);
      if (this.delays === 'real') {
        const [least, most] = REAL_DELAY_MS[kind];
        if (most > 0) await sleep(seeded(1, kind, key).between(least, most));
      }
      const recorded = this.#answers.get(key) ?? (await this.#record(request, { body, kind, key }));
      response
        .writeHead(recorded.status, { ...recorded.headers, 'content-length': recorded.body.length })
        .end(recorded.body);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    }
  }

  async #record(
    request: IncomingMessage,
    { body, kind, key }: { body: Buffer; kind: Kind; key: string },
  ): Promise<Recorded> {
    if (this.#upstream === null) throw new Error(`Nothing is recorded for this ${kind}: ${request.url}`);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name),
      ),
    ) as Record<string, string>;
    const method = request.method ?? 'GET';
    const answer = await fetch(`${this.#upstream.url}${request.url}`, {
      ...{ method, headers },
      ...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
    });
    const text = Buffer.from(await answer.arrayBuffer());
    const recorded: Recorded = {
      status: answer.status,
      headers: { 'content-type': answer.headers.get('content-type') ?? 'application/octet-stream' },
      body:
        kind === 'download'
          ? await smallPicture()
          : Buffer.from(text.toString('latin1').replaceAll(this.#upstream.url, this.url), 'latin1'),
    };
    if (answer.status === 200) this.#answers.set(key, recorded);
    if (kind !== 'download') this.asked.push({ kind, body: JSON.parse(body.toString()) });
    return recorded;
  }
}

const smallPicture = (): Promise<Buffer> =>
  sharp({ create: { ...SMALL_PICTURE, channels: 3, background: '#806040' } })
    .jpeg()
    .toBuffer();

/** What is asked, whoever asks: seeds and request ids differ each time. */
function keyOf(url: string, body: Buffer): { kind: Kind; key: string } {
  if (!url.startsWith('/api/')) return { kind: 'download', key: url };
  const asked = JSON.parse(body.toString()) as {
    messages?: unknown;
    prompt?: string;
    req_params?: { text?: string };
    request?: { text?: string };
  };
  const kind: Kind = asked.messages !== undefined ? 'chat' : asked.prompt !== undefined ? 'image' : 'speech';
  const words = JSON.stringify(asked.messages ?? asked.prompt ?? asked.req_params?.text ?? asked.request?.text);
  return { kind, key: `${kind} ${createHash('sha256').update(words).digest('hex')}` };
}
