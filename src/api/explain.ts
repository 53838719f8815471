import { ConfigError } from '../config.ts';
import { PermanentError } from '../domain/errors.ts';

/** What a person at the terminal can do about a process that could not start. */
export function explain(error: unknown, portVariable: string): string {
  const { code, port } = error as { code?: string; port?: number };
  if (error instanceof ConfigError || error instanceof PermanentError) return error.message;
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Set ${portVariable} to a free one (0 finds one).`;
  if (code === 'EACCES') return `Port ${port} may not be used. Set ${portVariable} to one above 1023.`;
  return error instanceof Error ? (error.stack ?? error.message) : 'unknown fault';
}
