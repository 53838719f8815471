import {
  type ActiveVideo,
  hasEnded,
  type FailedVideo,
  type FinishedVideo,
  type McpBridgeClient,
  type Video,
  type VideoEvent,
} from '../client/index.ts';
import { assetAddress } from './address.ts';
import { type Child, el, fill, said } from './element.ts';
import { timeline } from './course.ts';
import { assetTypeInWords, clock, codeInWords, lasted, money, statusMark } from './words.ts';

/** A running bar is to move. */
const REDRAW_MS = 1_000;

/** One video, live until it has ended. Runs until the signal says that another view is wanted. */
export async function showVideo(
  main: HTMLElement,
  { client, id, signal }: { client: McpBridgeClient; id: string; signal: AbortSignal },
): Promise<void> {
  const parts = {
    heading: el('h1', {}, said(id)),
    state: el('div', { class: 'state', role: 'status' }),
    film: el('div', { class: 'film' }),
    timeline: el('div', {}),
    facts: el('div', {}),
  };
  main.replaceChildren(
    el('nav', {}, el('a', { href: '#/' }, '← All videos')),
    el('div', { class: 'head' }, parts.heading, parts.state),
    el(
      'div',
      { class: 'video' },
      parts.film,
      el('section', {}, el('h2', {}, 'Timeline'), parts.timeline),
      el('section', { class: 'facts' }, parts.facts),
    ),
  );
  const events: VideoEvent[] = [];
  const drawTimeline = (): void => parts.timeline.replaceChildren(timeline(events, Date.now()));
  const redraw = setInterval(drawTimeline, REDRAW_MS);
  const onEvent = (event: VideoEvent): void => {
    events.push(event);
    drawTimeline();
  };
  drawTimeline();
  try {
    for await (const video of client.watchVideo(id, { signal, pollMs: REDRAW_MS, onEvent })) {
      if (video.title !== null) {
        parts.heading.replaceChildren(said(video.title));
        document.title = `${video.title} · mcp-bridge`;
      }
      fill(parts.state, stateOf(video));
      fill(parts.facts, factsOf(video));
      if (video.status === 'success' || video.status === 'partial') {
        fill(parts.film, filmOf(video));
      } else if (parts.film.childElementCount === 0) parts.film.replaceChildren(placeholder());
      if (hasEnded(video)) parts.film.classList.add('ended');
    }
    // Its last events may come after the view that shows its end.
    if (events.at(-1)?.type !== 'ended') {
      for await (const event of client.videoEvents(id, { signal, after: events.at(-1)?.id ?? 0 })) onEvent(event);
    }
  } finally {
    clearInterval(redraw);
  }
}

function stateOf(video: Video): Child[] {
  const { status, stage, waiting } = video;
  const took = (video.finished_at === null ? Date.now() : Date.parse(video.finished_at)) - Date.parse(video.created_at);
  const more = hasEnded(video) ? [`after ${lasted(took)}`] : [`stage ${stage}`];
  return [
    el('span', { class: `status ${status}` }, `${statusMark(status)} ${status}`),
    el('span', {}, [...more, ...(waiting === null ? [] : [`waiting: ${codeInWords(waiting.reason)}`])].join(' · ')),
    ...(hasEnded(video) ? [] : [rendering(video)]),
  ];
}

function rendering({ progress }: ActiveVideo): Child {
  if (progress === null || progress.render === null) return null;
  const { done_frames: done, total_frames: total } = progress.render;
  const percent = `${Math.round((100 * done) / total)} %`;
  return el(
    'label',
    { class: 'rendering' },
    `rendering ${percent}`,
    el('progress', { max: String(total), value: String(done) }, percent),
  );
}

const placeholder = (): HTMLElement => el('p', { class: 'quiet' }, 'The film will be here when it is finished.');

function filmOf(video: FinishedVideo): Child[] {
  const film = el('video', {
    ...{ controls: true, preload: 'metadata', playsinline: true, src: assetAddress(video.video_url) },
    poster: assetAddress(video.cover_url),
  });
  film.setAttribute('aria-label', video.title);
  const files: [string, string | null][] = [
    ['Film', video.video_url],
    ['Cover', video.cover_url],
    ['Captions', video.captions_url],
    ['CapCut draft', video.draft_url],
  ];
  return [
    film,
    el(
      'ul',
      { class: 'files' },
      ...files.flatMap(([name, url]) =>
        url === null ? [] : [el('li', {}, el('a', { href: assetAddress(url), download: '' }, name))],
      ),
    ),
  ];
}

function factsOf(video: Video): Child[] {
  return [
    ...faultOf(video),
    ...degradationsOf(video),
    ...costOf(video),
    el('h2', {}, 'About'),
    el(
      'dl',
      {},
      ...pair('Id', el('code', {}, video.id)),
      ...pair('Asked for', el('time', { datetime: video.created_at }, clock(video.created_at))),
      ...pair('Pictures', assetTypeInWords(video.asset_type)),
      ...('duration' in video ? pair('Length', `${video.duration} s`) : []),
      ...('draft_channel' in video && video.draft_channel !== null
        ? pair('Draft by', codeInWords(video.draft_channel))
        : []),
      ...('sandbox' in video && video.sandbox ? pair('Made with', 'the sandbox, not with a real model') : []),
    ),
  ];
}

const inCalls = (calls: number): string => (calls === 1 ? '1 call' : `${calls} calls`);

const pair = (name: string, value: Child): HTMLElement[] => [el('dt', {}, name), el('dd', {}, value)];

function faultOf(video: Video): Child[] {
  if (video.status !== 'failed') return [];
  const { code, message, recovery_strategy: remedy } = (video satisfies FailedVideo).error;
  return [
    el('h2', {}, 'Why it failed'),
    el('p', { class: 'fault' }, said(message), ' ', el('code', {}, code)),
    el('p', { class: 'quiet' }, `What helps: ${codeInWords(remedy)}.`),
  ];
}

function degradationsOf(video: Video): Child[] {
  if (!('degradations' in video) || video.degradations.length === 0) return [];
  return [
    el('h2', {}, 'Not as asked'),
    el(
      'ul',
      { class: 'degradations' },
      ...video.degradations.map(({ scene_id: scene, what, why, detail, replaced_by: instead }) =>
        el(
          'li',
          {},
          el('strong', {}, `${scene ?? 'the film'}: ${codeInWords(what)}`),
          el('span', {}, said(detail), ` (${codeInWords(why)})`),
          el('span', { class: 'quiet' }, `Instead: ${codeInWords(instead)}`),
        ),
      ),
    ),
  ];
}

function costOf(video: Video): Child[] {
  const { cost } = video;
  if (cost === null) return [el('h2', {}, 'Cost'), el('p', { class: 'quiet' }, 'Not known at present.')];
  const others = (['unused', 'unknown'] as const).flatMap((state) => {
    const calls = cost.lines.filter((line) => line.state === state).length;
    const name = state === 'unknown' && !hasEnded(video) ? 'under way' : state;
    return calls === 0 ? [] : pair(name, inCalls(calls));
  });
  const sums = new Map<string, { calls: number; price: number }>();
  for (const { purpose, price } of cost.lines) {
    const sum = sums.get(purpose) ?? { calls: 0, price: 0 };
    sums.set(purpose, { calls: sum.calls + 1, price: sum.price + price });
  }
  return [
    el('h2', {}, 'Cost'),
    el('p', { class: 'total' }, money(cost)),
    el(
      'dl',
      {},
      ...[...sums].flatMap(([purpose, { calls, price }]) =>
        pair(codeInWords(purpose), `${price.toFixed(4)} in ${inCalls(calls)}`),
      ),
      ...others,
    ),
  ];
}
