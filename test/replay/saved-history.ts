import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Role } from './shapes.ts';
import { textsOf } from './redact.ts';

export const HISTORIES = fileURLToPath(new URL('./histories', import.meta.url));

/** An event in Temporal's JSON form: `EVENT_TYPE_…`, and its attributes under the type's own name. */
export interface HistoryEvent {
  eventId: string;
  eventType: string;
  [attributes: string]: unknown;
}

export interface HistoryJson {
  events: HistoryEvent[];
}

/** One file of `histories/`, named `<release>-<shape>.<role>.json`. */
export interface SavedHistory {
  name: string;
  release: string;
  shape: string;
  role: string;
  workflowId: string;
  history: HistoryJson;
}

export const fileNameOf = (release: string, shape: string, role: Role): string => `${release}-${shape}.${role}.json`;

export function readHistories(): SavedHistory[] {
  return readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map(readHistory);
}

function readHistory(file: string): SavedHistory {
  const [, release, shape, role] = /^(v\d+)-([a-z-]+)\.([a-z]+)\.json$/.exec(file) ?? [];
  if (release === undefined || shape === undefined || role === undefined)
    throw new Error(`${file}: not named <release>-<shape>.<role>.json`);
  const history = JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')) as HistoryJson;
  return { name: file.replace(/\.json$/, ''), release, shape, role, workflowId: workflowIdIn(history), history };
}

/** A replay is given the id the run had: the file has it in its first event. */
function workflowIdIn({ events: [started] }: HistoryJson): string {
  const { workflowId } = (started?.workflowExecutionStartedEventAttributes ?? {}) as { workflowId?: string };
  if (workflowId === undefined)
    throw new Error('a history begins with WORKFLOW_EXECUTION_STARTED and has its id there');
  return workflowId;
}

/** True when a word, Temporal's own (an event type) or of a payload, stands somewhere in a history. */
export const says = (history: HistoryJson, word: string): boolean =>
  textsOf(history).some((text) => text === word || text.includes(`"${word}"`));
