import { homedir, hostname, tmpdir } from 'node:os';
import type { HistoryJson } from './saved-history.ts';

/**
 * Takes out of a history what tells of the machine it was made on and what no replay reads: who polled, sticky queues
 * (named after who polled), and stack traces with their file paths. Everything else stays as it was.
 */
export function redact(history: HistoryJson): HistoryJson {
  return rewrite(history) as HistoryJson;
}

function rewrite(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item));
  if (isRecord(value)) {
    const redacted = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rewrite(inner, name)]));
    return value.kind === 'TASK_QUEUE_KIND_STICKY' ? { ...redacted, name: 'sticky' } : redacted;
  }
  if (key === 'identity' && typeof value === 'string') return 'worker';
  if (key === 'stackTrace') return '';
  return value;
}

/** Every text in a history, with what its payloads say in plain. */
export function textsOf(value: unknown, key = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item));
  if (isRecord(value)) return Object.entries(value).flatMap(([name, inner]) => textsOf(inner, name));
  if (typeof value !== 'string') return [];
  return key === 'data' ? [Buffer.from(value, 'base64').toString()] : [value];
}

/** Absolute paths, addresses with a port, and keys: never anything a workflow needs to know. */
const TELLTALES = [
  /(?:^|[\s"'(=])(?:file:\/\/)?\/(?:home|root|tmp|usr|var|opt|work|Users)\//,
  /[A-Z]:\\/,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/,
  /\blocalhost\b/,
  /^\s*at .+:\d+:\d+\)?$/m,
  /\bbearer\s|\bsk-\w{8}/i,
];

/** Texts of a history that tell of a machine, wherever it was made. */
export const telltalesIn = (history: HistoryJson): string[] =>
  textsOf(history).filter((text) => TELLTALES.some((pattern) => pattern.test(text)));

/** The same, with the names of this very machine, which no pattern could know. */
export function localNamesIn(history: HistoryJson): string[] {
  const names = [hostname(), homedir(), tmpdir(), process.cwd()].filter((name) => name.length > 1);
  return textsOf(history).filter((text) => names.some((name) => text.includes(name)));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
