import type { Socket } from 'node:net';

import type { RouteName } from './call.ts';

/** What a socket was used for: a client may keep its downloads apart from its calls. */
export type SocketUse = 'api' | 'download';

export interface SocketCount {
  open: number;
  /** As many were open at once. */
  most: number;
}

/** The sockets that calls came over: what a client's connection pool promises can be counted here. */
export class Sockets {
  private readonly open: Record<SocketUse, Set<Socket>> = { api: new Set(), download: new Set() };
  private readonly most: Record<SocketUse, number> = { api: 0, download: 0 };

  note(socket: Socket, route: RouteName): void {
    const use = route === 'download' ? 'download' : 'api';
    const open = this.open[use];
    if (open.has(socket) || socket.destroyed) return;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    this.most[use] = Math.max(this.most[use], open.size);
  }

  report(): Record<SocketUse, SocketCount> {
    const count = (use: SocketUse) => ({ open: this.open[use].size, most: this.most[use] });
    return { api: count('api'), download: count('download') };
  }
}
