import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Logger } from 'pino';

import { Refusal, type AcceptedCall, type Answer, type Generated, type IncomingCall, type Route } from './call.ts';
import type { Fault, Faults } from './faults.ts';
import type { Arrival, Ledger } from './ledger.ts';
import { seeded } from './seeded.ts';
import type { Sockets } from './sockets.ts';

export interface ServeContext {
  seed: number;
  delayScale: number;
  ledger: Ledger;
  faults: Faults;
  sockets: Sockets;
  log: Logger;
  /** Aborted when the sandbox stops: nobody waits for a delay then. */
  stopping: AbortSignal;
}

/** One call from its arrival to its last byte: checks, fault, work, bill, answer. */
export async function serve(context: ServeContext, route: Route, call: IncomingCall, response: ServerResponse) {
  const arrival = context.ledger.arrive(route.name, call);
  try {
    const accepted = route.accept(call);
    // Faults strike what the service would have taken on, so that its own check order holds.
    const fault = context.faults.next(route.name, { text: accepted.text, via: call.via });
    arrival.outcome = fault
      ? await serveFaulty(context, { route, call, accepted, arrival, response, fault })
      : await serveWell(context, { route, call, accepted, arrival, response });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const answer = route.failure(error.failure, call);
    arrival.outcome = `refused ${answer.status} ${error.failure.code}`;
    await send(response, answer);
  }
}

interface Serving {
  route: Route;
  call: IncomingCall;
  accepted: AcceptedCall;
  arrival: Arrival;
  response: ServerResponse;
}

async function serveWell(context: ServeContext, serving: Serving): Promise<string> {
  const generated = await generate(context, serving);
  if (isStream(generated.answer.body)) {
    // A stream is still being generated while it is sent, so it is billed at its end.
    await send(serving.response, generated.answer);
    bill(context, serving, generated);
  } else {
    bill(context, serving, generated);
    await send(serving.response, generated.answer);
  }
  return isGone(serving.response) ? 'client gone' : `answered ${generated.answer.status}`;
}

async function serveFaulty(context: ServeContext, serving: Serving & { fault: Fault }): Promise<string> {
  const { fault, response } = serving;
  const named = `fault ${Object.keys(fault).join('+')}`;
  if (fault.delayMs) await context.faults.delay(fault.delayMs, context.stopping);
  if (fault.noAnswer === 'before') {
    response.destroy();
    return named;
  }
  const real = await realAnswer(context, serving, fault);
  if (fault.noAnswer === 'after') {
    response.destroy();
    return named;
  }
  if (fault.hang) {
    if (!isGone(response)) await once(response, 'close', { signal: context.stopping });
    return named;
  }
  const answer = real && !isSubstitute(fault) ? real : substitute(context, serving, fault);
  const headers = {
    ...answer.headers,
    ...(fault.contentType ? { 'content-type': fault.contentType } : {}),
    ...lowerCased(fault.headers ?? {}),
  };
  await send(response, { ...answer, headers }, fault.cutAfterBytes);
  return named;
}

/** The work is done and billed when the fault spoils only its answer, or when the script says so. */
async function realAnswer(context: ServeContext, serving: Serving, fault: Fault): Promise<Answer | undefined> {
  const billed = fault.billed ?? (fault.noAnswer === 'after' || !(isSubstitute(fault) || fault.hang));
  if (!billed && (isSubstitute(fault) || fault.hang || fault.noAnswer)) return undefined;
  const generated = await generate(context, serving, fault);
  const answer = isStream(generated.answer.body) ? await collected(generated.answer) : generated.answer;
  if (billed) bill(context, serving, generated);
  return answer;
}

function isSubstitute(fault: Fault): boolean {
  return [fault.code, fault.status, fault.body, fault.bytes].some((it) => it !== undefined) || fault.garbage === true;
}

function substitute(context: ServeContext, { route, call, accepted }: Serving, fault: Fault): Answer {
  if (fault.garbage) return garbage(context.seed, accepted.text, fault.status ?? 200);
  if (fault.bytes !== undefined) return givenBytes(Buffer.from(fault.bytes, 'base64'), fault.status ?? 200);
  if (fault.body !== undefined) return given(fault.body, fault.status ?? 200);
  if (fault.code !== undefined) {
    return route.failure({ code: fault.code, status: fault.status, message: fault.message }, call);
  }
  const status = fault.status ?? 500;
  // What a load balancer in front of the service says: no envelope.
  return { status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(`upstream answered ${status}\n`) };
}

function given(body: NonNullable<Fault['body']> | null, status: number): Answer {
  return typeof body === 'string'
    ? { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) }
    : { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

function givenBytes(body: Buffer, status: number): Answer {
  return { status, headers: { 'content-type': 'application/octet-stream' }, body };
}

const GARBAGE_BYTES = 512;

function garbage(seed: number, text: string, status: number): Answer {
  const dice = seeded(seed, 'garbage', text);
  const body = Buffer.from(Array.from({ length: GARBAGE_BYTES }, () => dice.integer(0, 255)));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** The real service's time and the sandbox's own work run side by side; the longer one counts. */
async function generate(context: ServeContext, { accepted }: Serving, fault?: Fault): Promise<Generated> {
  const delay = sleep(accepted.delayMs * context.delayScale, undefined, { signal: context.stopping });
  const [generated] = await Promise.all([accepted.work(fault), delay]);
  return generated;
}

function bill(context: ServeContext, { route, call, accepted, arrival, response }: Serving, generated: Generated) {
  if (!accepted.purchase || generated.units === 0) return;
  context.ledger.bill({
    at: arrival.at,
    route: route.path,
    ...accepted.purchase,
    units: generated.units,
    usage: generated.usage,
    text: accepted.text,
    request_id: call.requestId,
    client_gone: isGone(response),
  });
}

function isGone(response: ServerResponse): boolean {
  return response.destroyed && !response.writableFinished;
}

function isStream(body: Answer['body']): body is AsyncIterable<Buffer> {
  return Symbol.asyncIterator in body;
}

async function collected(answer: Answer): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body as AsyncIterable<Buffer>) pieces.push(piece);
  return { ...answer, body: pieces };
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Sends the answer; a stream is read to its end even when the client has gone, because it is paid for. */
async function send(response: ServerResponse, answer: Answer, cutAfterBytes = Infinity): Promise<void> {
  if (response.destroyed && !isStream(answer.body)) return;
  if (Buffer.isBuffer(answer.body)) response.setHeader('content-length', answer.body.length);
  if (!response.destroyed) response.writeHead(answer.status, answer.headers);
  let left = cutAfterBytes;
  const pieces = Buffer.isBuffer(answer.body) ? [answer.body] : answer.body;
  for await (const piece of pieces) {
    if (response.destroyed || left <= 0) continue;
    await write(response, piece.subarray(0, left));
    left -= piece.length;
  }
  if (response.destroyed) return;
  if (left <= 0) {
    // Headers go out even when the cut is at byte 0.
    response.flushHeaders();
    await sleep(5);
    response.destroy();
  } else response.end();
}

function write(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    // Either way the caller looks at `destroyed`; a client that went is not our error.
    response.once('close', resolve);
    response.write(piece, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}
