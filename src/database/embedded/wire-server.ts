import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { ClientStream, fatal, leavesTransactionOpen, simpleQuery, startupMessage } from './wire-messages.ts';

/** A few processes with a pool each; PGlite has one backend, so that more would only wait longer. */
const MAX_CLIENTS = 64;
/** A client that stands still inside of a transaction keeps out all the others. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** For a client to take the last word. */
const LAST_WORD_MS = 500;

interface Client {
  socket: Socket;
  stream: ClientStream;
}

interface Unit {
  client: Client;
  bytes: Uint8Array;
}

/**
 * Serves PGlite's one backend to many clients: one unit (all that a client sends up to its Sync) at a time, and nobody
 * else's between a client's begin and commit. Ours instead of pglite-socket (0.2.17), which lets the messages of two
 * clients mix as soon as a statement's values exceed one read of a socket (tried: of 200 queries with 300 KB each, 155
 * met another's statement), and stands still for good after an error of PGlite itself.
 */
export class WireServer {
  readonly #db: PGlite;
  readonly #onBroken: (error: unknown) => void;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  readonly #waiting: Unit[] = [];
  /** Who has a transaction open. */
  #holder: Client | null = null;
  #idle: NodeJS.Timeout | undefined;
  #serving: Promise<void> | null = null;
  #current: Client | null = null;
  #greeting: Uint8Array = new Uint8Array();

  /** `onBroken`: PGlite failed in a way that is no SQL error; it should not be used any more. */
  constructor(db: PGlite, onBroken: (error: unknown) => void) {
    this.#db = db;
    this.#onBroken = onBroken;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(path: string): Promise<void> {
    this.#greeting = await this.#execute(startupMessage('postgres'));
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(path, resolve);
    });
  }

  /** Finishes the unit under way, drops the clients, and rolls back what they left open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { socket } of this.#clients) dismiss(socket, '57P01', 'the database is shutting down');
    await closed;
    await this.#serving;
  }

  #accept(socket: Socket): void {
    const client: Client = { socket, stream: new ClientStream() };
    socket.on('error', () => {}); // its close follows
    if (this.#clients.size >= MAX_CLIENTS) {
      dismiss(socket, '53300', 'too many clients');
      return;
    }
    this.#clients.add(client);
    socket.on('data', (data) => this.#hear(client, data));
    socket.once('close', () => this.#forget(client));
  }

  #hear(client: Client, data: Buffer): void {
    const { socket, stream } = client;
    try {
      for (const said of stream.take(data)) {
        switch (said.type) {
          case 'refuse-encryption':
            socket.write('N');
            break;
          case 'startup':
            socket.write(this.#greeting);
            break;
          case 'unit':
            this.#enqueue({ client, bytes: said.bytes });
            break;
          case 'end':
            socket.end();
        }
      }
    } catch (error) {
      dismiss(socket, '08P01', (error as Error).message);
    }
  }

  #forget(client: Client): void {
    this.#clients.delete(client);
    const others = this.#waiting.filter((unit) => unit.client !== client);
    this.#waiting.splice(0, this.#waiting.length, ...others);
    if (this.#holder === client || this.#current === client) this.#enqueue({ client, bytes: simpleQuery('rollback') });
  }

  #enqueue(unit: Unit): void {
    this.#waiting.push(unit);
    this.#serving ??= this.#serve()
      .catch(this.#onBroken)
      .finally(() => (this.#serving = null));
  }

  async #serve(): Promise<void> {
    for (let unit = this.#next(); unit !== undefined; unit = this.#next()) {
      clearTimeout(this.#idle);
      this.#current = unit.client;
      const answer = await this.#execute(unit.bytes);
      this.#current = null;
      if (unit.client.socket.writable) unit.client.socket.write(answer);
      this.#holder = leavesTransactionOpen(answer) ? unit.client : null;
      if (this.#holder !== null) this.#watch(this.#holder);
      // PGlite answers through microtasks alone: without this nobody else would be heard.
      await turn();
    }
  }

  #next(): Unit | undefined {
    const holder = this.#holder;
    if (holder === null) return this.#waiting.shift();
    const index = this.#waiting.findIndex(({ client }) => client === holder);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  async #execute(bytes: Uint8Array): Promise<Buffer> {
    const answer: Buffer[] = [];
    await this.#db.runExclusive(() =>
      this.#db.execProtocolRawStream(bytes, { onRawData: (data) => answer.push(Buffer.from(data)) }),
    );
    return Buffer.concat(answer);
  }

  #watch({ socket }: Client): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(
      () => dismiss(socket, '25P03', 'the transaction stood still for too long'),
      IDLE_IN_TRANSACTION_MS,
    );
  }
}

/** Says why and hangs up, on one who does not listen too. */
function dismiss(socket: Socket, code: string, why: string): void {
  socket.end(fatal(code, why));
  socket.destroySoon();
  setTimeout(() => socket.destroy(), LAST_WORD_MS).unref();
}
