import type { IncomingHttpHeaders } from 'node:http';

export type RouteName = 'chat' | 'image' | 'speech' | 'download' | 'capcut';
export type PurchaseKind = 'chat' | 'image' | 'speech';

/** One request as a route sees it; nothing of Express goes further in. */
export interface IncomingCall {
  path: string;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  body: Buffer;
  /** `http://host:port` as the client addressed us, for the download links we hand out. */
  origin: string;
  requestId: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | readonly Buffer[] | AsyncIterable<Buffer>;
}

export interface Generated {
  answer: Answer;
  units: number;
  usage: Record<string, number>;
}

/** A request that the real service would have taken on. */
export interface AcceptedCall {
  /** Prompt or text: what fault rules match and what the ledger hashes. */
  text: string;
  /** How long the real service takes, before scaling. */
  delayMs: number;
  /** Absent for what costs nothing (downloads). */
  purchase?: { kind: PurchaseKind; model: string };
  work(): Promise<Generated>;
}

export interface Route {
  name: RouteName;
  path: string;
  /** Runs the service's own checks in its own order; throws a `Refusal`. */
  accept(call: IncomingCall): AcceptedCall;
  /** The service's own form of an error with this code. */
  failure(failure: Failure, call: IncomingCall): Answer;
}

export interface Failure {
  code: string | number;
  status?: number | undefined;
  message?: string | undefined;
  param?: string | undefined;
}

/** The service says no: nothing was made, nothing is billed. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.message ?? 'refused'}`);
    this.name = 'Refusal';
    this.failure = failure;
  }
}

export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}
