import type { IncomingHttpHeaders } from 'node:http';

import type { Fault, Via } from './faults.ts';

export const ROUTE_NAMES = [
  ...(['chat', 'image', 'embedding', 'speech', 'download', 'capcut'] as const),
  /** A task of moving pictures: ordered, listed, asked for, called off. */
  ...(['video', 'video_list', 'video_task', 'video_cancel'] as const),
] as const;
export type RouteName = (typeof ROUTE_NAMES)[number];
export type PurchaseKind = 'chat' | 'image' | 'video' | 'speech' | 'embedding';

/** One request as a route sees it; nothing of Express goes further in. */
export interface IncomingCall {
  path: string;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  body: Buffer;
  /** `http://host:port` as the client addressed us, for the download links we hand out. */
  origin: string;
  requestId: string;
  via: Via;
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
  work(fault?: Fault): Promise<Generated>;
}

export interface Route {
  name: RouteName;
  /** `post` unless said. */
  method?: 'get' | 'delete';
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
