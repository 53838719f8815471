import type { Channel, Service } from './service.ts';

/** What a circuit breaker stands before. */
export type Guarded = Channel | Service;

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

export interface BreakerReport {
  name: Guarded;
  state: BreakerState;
  /** When it is tried again, in ms since 1970; null unless it is open. */
  until: number | null;
}
