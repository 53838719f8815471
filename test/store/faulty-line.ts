import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to the bytes of the far side's answers. */
export type Fault =
  | { kind: 'none' }
  /** Taken, and never answered. */
  | { kind: 'hang' }
  /** Reset after so many bytes of answers on one connection; so often, then none. */
  | { kind: 'cut'; afterBytes: number; times: number }
  /** Slow: this much at a time, so long apart. */
  | { kind: 'drip'; bytes: number; everyMs: number };

/** A line to a server that can be bad: real sockets, real resets. */
export async function startFaultyLine(target: string) {
  const { hostname, port } = new URL(target);
  let fault: Fault = { kind: 'none' };
  const sockets = new Set<Socket>();
  const far = new Set<Socket>();

  const server = createServer((client) => {
    hold(client);
    if (fault.kind === 'hang') return;
    const server = connect(Number(port), hostname);
    hold(server);
    far.add(server);
    server.once('close', () => far.delete(server));
    client.pipe(server);
    client.once('close', () => server.destroy());
    void answer(server, client);
  });

  function hold(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }

  async function answer(server: Socket, client: Socket): Promise<void> {
    let passed = 0;
    try {
      for await (const chunk of server as AsyncIterable<Buffer>) {
        passed += chunk.byteLength;
        if (fault.kind === 'hang') return;
        if (fault.kind === 'cut' && fault.times > 0 && passed > fault.afterBytes) {
          fault.times -= 1;
          client.write(chunk.subarray(0, Math.max(0, chunk.byteLength - (passed - fault.afterBytes))), () =>
            client.resetAndDestroy(),
          );
          return;
        }
        if (fault.kind === 'drip') await drip(chunk, { client, ...fault });
        else if (!client.write(chunk)) await Promise.race([once(client, 'drain'), once(client, 'close')]);
      }
      client.end();
    } catch {
      client.destroy();
    }
  }

  async function drip(
    chunk: Buffer,
    { client, bytes, everyMs }: { client: Socket; bytes: number; everyMs: number },
  ): Promise<void> {
    for (let at = 0; at < chunk.byteLength && !client.destroyed; at += bytes) {
      client.write(chunk.subarray(at, at + bytes));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Connections to the far side that are open now. */
    open: () => far.size,
    /** From now on, and for what is open. */
    set(next: Fault) {
      fault = next;
    },
    /** Nobody listens any more: refused. */
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
