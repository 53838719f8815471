import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request on its way. Null: it passes. */
export type Fault =
  | { answer: number; headers?: OutgoingHttpHeaders; body?: string }
  /** It arrives, and its answer does not. */
  | { lose: 'answer' }
  /** The answer ends in the middle, once this has come by. */
  | { cutAfter: string }
  | { hang: true }
  | null;

export interface Passed {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  at: number;
}

/** A line to a gateway that fails as it is told: real sockets, and behind them the real gateway. */
export async function faultyLine(target: string, faultOf: (passed: Passed, nth: number) => Fault = () => null) {
  const passed: Passed[] = [];
  const server = createServer((req, res) => {
    const { method = 'GET', url: path = '/', headers } = req;
    const known = passed.filter((other) => other.method === method && other.path === path).length;
    const one = { method, path, headers, at: Date.now() };
    passed.push(one);
    carry(req, res, { target, fault: faultOf(one, known + 1) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    of: (method: string, path: RegExp) => passed.filter((one) => one.method === method && path.test(one.path)),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function carry(req: IncomingMessage, res: ServerResponse, { target, fault }: { target: string; fault: Fault }): void {
  if (fault !== null && 'hang' in fault) return;
  if (fault !== null && 'answer' in fault) {
    req.resume();
    res.writeHead(fault.answer, fault.headers).end(fault.body);
    return;
  }
  const { host: _, ...headers } = req.headers;
  const onward = request(`${target}${req.url}`, { method: req.method, headers }, (answer) => {
    if (fault !== null && 'lose' in fault) {
      answer.resume().once('end', () => res.destroy());
      return;
    }
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    let seen = '';
    answer.on('data', (chunk: Buffer) => {
      res.write(chunk);
      seen += chunk.toString();
      if (fault !== null && seen.includes(fault.cutAfter)) {
        onward.destroy();
        // What was written is to arrive before the cut.
        setImmediate(() => res.destroy());
      }
    });
    answer.once('end', () => res.end());
  });
  onward.once('error', () => res.destroy());
  res.once('close', () => onward.destroy());
  req.pipe(onward);
}
