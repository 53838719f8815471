// Many readers of one gateway's events in one process: bare sockets, so that ten thousand cost little themselves.
import { connect, type Socket } from 'node:net';

export interface Order {
  port: number;
  connections: number;
  /** Last part of the first of the loopback addresses that they come from, a thousand from each. */
  firstAddress: number;
  /** Whose events are timed. */
  videoId: string;
}

export interface Report {
  open: number;
  latenciesMs: number[];
  /** Events out of order, repeated or left out, as their ids tell. */
  disorder: number;
}

const BY_ADDRESS = 1_000;
/** As a crowd arrives: not one after the other, nor all at once. */
const AT_ONCE = 100;

const report: Report = { open: 0, latenciesMs: [], disorder: 0 };

process.once('message', (order: Order) => {
  void openAll(order).then(() => process.send?.(report));
  process.on('message', () => process.send?.(report));
});

async function openAll({ port, connections, firstAddress, videoId }: Order): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < connections) {
      const n = next++;
      await open({ port, localAddress: `127.0.0.${firstAddress + Math.floor(n / BY_ADDRESS)}`, videoId });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

function open(at: { port: number; localAddress: string; videoId: string }): Promise<void> {
  const { port, localAddress, videoId } = at;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', reject);
    socket.on('close', () => report.open--);
    socket.on('connect', () => socket.write('GET /api/v1/events HTTP/1.1\r\nHost: bench\r\n\r\n'));
    const onSnapshot = (): void => {
      report.open++;
      resolve();
    };
    follow(socket, { videoId, onSnapshot });
  });
}

/** Looks at the order of what comes after the snapshot, and at how old the events of one video are. */
function follow(socket: Socket, { videoId, onSnapshot }: { videoId: string; onSnapshot: () => void }): void {
  const isTimed = `"video_id":"${videoId}"`;
  let rest = '';
  let last: number | null = null;
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      if (id === undefined) continue;
      if (last === null) onSnapshot();
      else {
        if (Number(id) !== last + 1) report.disorder++;
        const [, at] = block.includes(isTimed) ? (/"at":"([^"]+)"/.exec(block) ?? []) : [];
        if (at !== undefined) report.latenciesMs.push(Date.now() - Date.parse(at));
      }
      last = Number(id);
    }
  });
}
