import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface LocalHost {
  /** `127.0.0.1:port` */
  host: string;
  url: string;
  requests: RecordedRequest[];
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A real HTTP server on a free port, which records what comes and answers as the test says. */
export async function startHost(answer: Answer): Promise<LocalHost> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, path: url, headers, body: Buffer.concat(pieces).toString('utf8') });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host, url: `http://${host}`, requests, close };
}

/**
 * A port that nothing listens on: of those that only the system gives out. One that was free a moment ago may be another
 * test's by now. (Not 1: `fetch` asks for nothing there.)
 */
export const CLOSED_PORT = 2;

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));

/** The request arrived, the answer never does. */
export const resetAfterRequest: Answer = (_response, request) => void request.socket.resetAndDestroy();

/** Promises more bytes than it sends, and hangs up. */
export const cut =
  (status: number, body: string): Answer =>
  (response, request) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(body.length + 100) });
    response.write(body, () => request.socket.destroy());
  };

export const htmlPage =
  (status: number): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>gateway</body></html>');

export const silence: Answer = () => {};
