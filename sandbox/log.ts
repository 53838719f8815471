import { pino, type Logger } from 'pino';

/** Logs go to stderr: stdout carries only the line that says where the sandbox listens. */
export function createLog(level: string): Logger {
  return pino({ name: 'sandbox', level }, pino.destination({ dest: 2, sync: true }));
}
