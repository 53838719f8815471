/**
 * How long something may take that is promised within `ms`, where other tests share the machine: enough to tell an answer
 * in time from one that waited for what stands still. The figure itself is for a machine of its own.
 */
export const onABusyMachine = (ms: number): number => 6 * ms;
