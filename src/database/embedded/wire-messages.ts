// PostgreSQL's wire protocol, version 3, as far as a server needs it that hands everything on.

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

/** After one of these the client waits for the answer: Query, Sync, FunctionCall. */
const ENDS_UNIT = new Set(['Q', 'S', 'F']);

/** More in one piece than any statement of ours has. */
const LARGEST_UNIT_BYTES = 16 * 1024 * 1024;

/** `unit`: all that is to run in one go. */
export type FromClient =
  { type: 'refuse-encryption' } | { type: 'startup' } | { type: 'unit'; bytes: Uint8Array } | { type: 'end' };

/** Cuts what a client sends into units that must not be torn: what it sends up to a Sync shares one unnamed statement. */
export class ClientStream {
  #buffer = Buffer.alloc(0);
  /** Where in the buffer the next message begins; everything before belongs to the unit. */
  #at = 0;
  #started = false;

  /** @throws Error when it is not the protocol, or too much. */
  *take(data: Buffer): Generator<FromClient> {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    if (this.#buffer.length > LARGEST_UNIT_BYTES) throw new Error('the message is too large');
    for (;;) {
      const message = this.#started ? this.#nextMessage() : this.#nextGreeting();
      if (message === null) return;
      if (message !== 'more') yield message;
    }
  }

  #nextGreeting(): FromClient | null {
    if (this.#buffer.length < 8) return null;
    const length = this.#buffer.readInt32BE(0);
    if (length < 8 || length > LARGEST_UNIT_BYTES) throw new Error('not a greeting');
    if (this.#buffer.length < length) return null;
    const code = this.#buffer.readInt32BE(4);
    this.#buffer = this.#buffer.subarray(length);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { type: 'refuse-encryption' };
    if (code === CANCEL_REQUEST) return { type: 'end' }; // a statement runs to its end here
    if (code !== PROTOCOL_3) throw new Error('another version of the protocol');
    this.#started = true;
    return { type: 'startup' };
  }

  #nextMessage(): FromClient | 'more' | null {
    if (this.#buffer.length < this.#at + 5) return null;
    const type = String.fromCharCode(this.#buffer.readUInt8(this.#at));
    const length = this.#buffer.readInt32BE(this.#at + 1);
    if (length < 4 || length > LARGEST_UNIT_BYTES) throw new Error('not a message');
    const end = this.#at + 1 + length;
    if (this.#buffer.length < end) return null;
    if (type === 'X') {
      this.#buffer = Buffer.alloc(0);
      this.#at = 0;
      return { type: 'end' };
    }
    this.#at = end;
    if (!ENDS_UNIT.has(type)) return 'more';
    const bytes = Uint8Array.from(this.#buffer.subarray(0, end));
    this.#buffer = this.#buffer.subarray(end);
    this.#at = 0;
    return { type: 'unit', bytes };
  }
}

/** The greeting of a client, for asking the database once what it says to one. */
export function startupMessage(user: string): Uint8Array {
  const body = Buffer.from(`user\0${user}\0database\0postgres\0client_encoding\0UTF8\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Uint8Array.from(Buffer.concat([head, body]));
}

export function simpleQuery(sql: string): Uint8Array {
  return Uint8Array.from(message('Q', `${sql}\0`));
}

/** The server's last word to a client, by SQLSTATE. */
export function fatal(code: string, text: string): Buffer {
  return message('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
}

/** Whether an answer leaves the session inside of a transaction. */
export function leavesTransactionOpen(answer: Buffer): boolean {
  // ReadyForQuery is the last message of every answer: 'Z', the length 5, and I (idle), T or E.
  const at = answer.length - 6;
  return at < 0 || answer[at] !== 'Z'.charCodeAt(0) || answer[at + 5] !== 'I'.charCodeAt(0);
}

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}
