import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

import type { IncomingCall, PurchaseKind } from './call.ts';
import type { Via } from './faults.ts';

/** One billed call: what the cloud's invoice would say. */
export interface LedgerLine {
  n: number;
  /** When the request arrived. */
  at: string;
  /** When what was bought was ready. */
  answeredAt: string;
  route: string;
  kind: PurchaseKind;
  model: string;
  /** Tokens (chat, video), pictures (image), characters (speech). */
  units: number;
  usage: Record<string, number>;
  prompt_sha256: string;
  request_id: string;
  /** The buyer had already hung up: paid for, never seen. */
  client_gone: boolean;
}

export interface Arrival {
  at: string;
  route: string;
  request_id: string;
  /** `mcp`: an MCP server has asked. */
  via: Via;
  outcome: string;
}

export type Purchase = Omit<LedgerLine, 'n' | 'answeredAt' | 'prompt_sha256'> & { text: string };

/** Enough for a long load test; older arrivals are forgotten first. Billed lines never are. */
const MAX_ARRIVALS = 100_000;

export class Ledger {
  private readonly path: string | undefined;
  private lines: LedgerLine[] = [];
  private arrivals: Arrival[] = [];

  constructor(path: string | undefined) {
    this.path = path;
    // A restarted sandbox goes on with the same invoice.
    if (path && existsSync(path)) this.lines = readLines(path);
  }

  arrive(route: string, { requestId, via }: Pick<IncomingCall, 'requestId' | 'via'>): Arrival {
    const arrival = { at: new Date().toISOString(), route, request_id: requestId, via, outcome: 'pending' };
    this.arrivals.push(arrival);
    if (this.arrivals.length > MAX_ARRIVALS) this.arrivals.shift();
    return arrival;
  }

  bill({ text, ...purchase }: Purchase): LedgerLine {
    const line: LedgerLine = {
      n: this.lines.length + 1,
      ...purchase,
      answeredAt: new Date().toISOString(),
      prompt_sha256: createHash('sha256').update(text).digest('hex'),
    };
    this.lines.push(line);
    // Synchronous on purpose: a killed sandbox must not forget what it billed.
    if (this.path) appendFileSync(this.path, `${JSON.stringify(line)}\n`);
    return line;
  }

  report(): { lines: readonly LedgerLine[]; arrived: readonly Arrival[] } {
    return { lines: this.lines, arrived: this.arrivals };
  }

  clear(): void {
    this.lines = [];
    this.arrivals = [];
    if (this.path) writeFileSync(this.path, '');
  }
}

function readLines(path: string): LedgerLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as LedgerLine);
}
