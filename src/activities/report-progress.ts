import { Context } from '@temporalio/activity';

const reports = new WeakMap<Context, unknown>();

/** How far the running activity is. It travels with the next heartbeat, which the worker's interceptor sends. */
export function reportProgress(progress: unknown): void {
  reports.set(Context.current(), progress);
}

/** For the interceptor: the last report, null before the first. */
export const progressOf = (context: Context): unknown => reports.get(context) ?? null;
