import type { VideoEvent, VideoProgress } from '../client/index.ts';
import { el } from './element.ts';
import { codeInWords, lasted } from './words.ts';

type Branch = 'audio' | 'visual';
type SceneState = NonNullable<VideoProgress['branches']['audio']>['scenes'][number]['state'];

interface Span {
  row: string;
  group: 'Stages' | 'Narration' | 'Pictures';
  startedAt: number;
  /** Null: under way. */
  endedAt: number | null;
  state: SceneState | 'running';
  why: string | null;
}

const GROUPS: Record<Branch, Span['group']> = { audio: 'Narration', visual: 'Pictures' };
const NAMES: Record<Span['state'], string> = {
  pending: 'under way',
  running: 'under way',
  complete: 'done',
  failed: 'failed',
  skipped: 'skipped',
};

/** What happened when: the stages, and each branch scene by scene. A table, so that it can be read without being seen. */
export function timeline(events: VideoEvent[], now: number): HTMLElement {
  const spans = spansOf(lastRun(events));
  if (spans.length === 0) return el('p', { class: 'quiet' }, 'Nothing has begun yet.');
  const from = Math.min(...spans.map(({ startedAt }) => startedAt));
  const to = Math.max(from + 1, ...spans.map(({ endedAt }) => endedAt ?? now));
  const groups = ['Stages', 'Narration', 'Pictures'] as const;
  return el(
    'table',
    { class: 'timeline' },
    el('caption', {}, `Over ${lasted(to - from)}`),
    ...groups.flatMap((group) => {
      const rows = spans.filter((span) => span.group === group);
      if (rows.length === 0) return [];
      const heading = el('tr', {}, el('th', { scope: 'rowgroup', colspan: '2' }, group));
      return [el('tbody', {}, heading, ...rows.map((span) => row(span, { from, to, now })))];
    }),
  );
}

function row(span: Span, { from, to, now }: { from: number; to: number; now: number }): HTMLElement {
  const took = (span.endedAt ?? now) - span.startedAt;
  const share = (ms: number): string => `${((100 * ms) / (to - from)).toFixed(2)}%`;
  const bar = el('span', { class: `bar ${span.state}` });
  bar.style.insetInlineStart = share(span.startedAt - from);
  bar.style.inlineSize = share(took);
  const why = span.why === null ? '' : `, ${codeInWords(span.why)}`;
  const said = el('span', { class: 'said' }, `${NAMES[span.state]}${why}, ${lasted(took)}`);
  return el('tr', {}, el('th', { scope: 'row' }, span.row), el('td', {}, el('span', { class: 'track' }, bar), said));
}

/** What a restored video did before does not count any more; its scenes are told again. */
function lastRun(events: VideoEvent[]): VideoEvent[] {
  return events.slice(events.findLastIndex(({ type }) => type === 'restored') + 1);
}

function spansOf(events: VideoEvent[]): Span[] {
  const spans = new Map<string, Span>();
  const begin = (key: string, span: Omit<Span, 'endedAt' | 'state' | 'why'>): void =>
    void spans.set(key, { ...span, endedAt: null, state: 'running', why: null });
  const end = (key: string, at: number, state: Span['state'], why: string | null = null): void => {
    const span = spans.get(key);
    if (span?.endedAt === null) Object.assign(span, { endedAt: at, state, why });
  };
  for (const event of events) {
    const at = Date.parse(event.at);
    switch (event.type) {
      case 'stage_entered':
        begin(event.stage, { row: event.stage, group: 'Stages', startedAt: at });
        break;
      case 'stage_left':
        end(event.stage, at, 'complete');
        break;
      case 'branch_started':
        for (const id of event.scene_ids)
          begin(`${event.branch} ${id}`, { row: id, group: GROUPS[event.branch], startedAt: at });
        break;
      case 'scene_settled':
        end(`${event.branch} ${event.scene_id}`, at, event.state, event.why);
        break;
      case 'ended':
        // What was under way then has gone no further.
        for (const key of spans.keys())
          end(key, at, event.status === 'success' || event.status === 'partial' ? 'complete' : 'failed');
        break;
      default:
    }
  }
  return [...spans.values()];
}
