import { ab } from './ab.ts';
import { accept } from './accept.ts';
import { endToEnd } from './end-to-end.ts';
import type { Figure } from './figure.ts';
import { liveConnections } from './live-connections.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { overload } from './overload.ts';
import { parallel } from './parallel.ts';
import { recovery } from './recovery.ts';
import { render } from './render.ts';
import { rerender } from './rerender.ts';
import { throughput } from './throughput.ts';

/** In the order in which they are measured. */
export const FIGURES: readonly Figure[] = [
  endToEnd,
  parallel,
  render,
  rerender,
  memory,
  throughput,
  overhead,
  recovery,
  accept,
  ab,
  liveConnections,
  overload,
];
