import type { McpBridgeClient, VideoSummary } from '../client/index.ts';
import { el, said } from './element.ts';
import { assetTypeInWords, clock, lasted, statusMark } from './words.ts';

const PAGE = 30;
/** Events of one moment are looked at together; a busy system is not asked for every one of them. */
const GATHER_MS = 500;
/** A gateway whose events cannot be had is asked so often. */
const AGAIN_MS = 3_000;
/** How long a video takes is to move. */
const TICK_MS = 1_000;
const STATUSES: VideoSummary['status'][] = [
  ...(['queued', 'running', 'cancelling', 'success', 'partial', 'failed', 'cancelled', 'terminated'] as const),
];

interface ListOptions {
  client: McpBridgeClient;
  status: string | null;
  signal: AbortSignal;
}

/** The videos, newest first, kept up to date by the events of all. */
export async function showList(main: HTMLElement, { client, status, signal }: ListOptions): Promise<void> {
  const body = el('tbody', {});
  const note = el('p', { class: 'quiet', role: 'status' });
  const more = el('button', { type: 'button', hidden: true }, 'Show more');
  main.replaceChildren(
    el('div', { class: 'head' }, el('h1', {}, 'Videos'), filter(status)),
    el(
      'table',
      { class: 'list' },
      el(
        'thead',
        {},
        el('tr', {}, ...['Video', 'Status', 'Asked for', 'Took'].map((name) => el('th', { scope: 'col' }, name))),
      ),
      body,
    ),
    note,
    more,
  );
  const asked = STATUSES.find((known) => known === status);
  let wanted = PAGE;
  let shown: VideoSummary[] = [];

  const fillIn = (): void => {
    const focused = document.activeElement?.getAttribute('href') ?? null;
    body.replaceChildren(...shown.map(row));
    // Whoever goes by keyboard stays where he was.
    if (focused !== null) body.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  };

  async function draw(): Promise<void> {
    const found: VideoSummary[] = [];
    let isMore = false;
    for await (const video of client.videos(
      { limit: PAGE, ...(asked === undefined ? {} : { status: asked }) },
      { signal },
    )) {
      isMore = found.length === wanted;
      if (isMore) break;
      found.push(video);
    }
    shown = found;
    fillIn();
    note.textContent = found.length > 0 ? '' : status === null ? 'No video yet.' : `No video is ${status}.`;
    more.hidden = !isMore;
  }

  const over = new AbortController();
  const news = new News(client, AbortSignal.any([signal, over.signal]));
  more.addEventListener('click', () => {
    wanted += PAGE;
    news.ring();
  });
  const tick = setInterval(() => {
    for (const video of shown) if (video.finished_at === null) tookCell(body, video.id)?.replaceChildren(took(video));
  }, TICK_MS);
  try {
    while (!signal.aborted) {
      const heard = news.next();
      await draw();
      await heard;
    }
  } finally {
    over.abort();
    clearInterval(tick);
  }
}

/** That something has happened to any video: by its events, and from time to time where none are to be had. */
class News {
  #rung = false;
  #wake: () => void = () => {};

  constructor(client: McpBridgeClient, signal: AbortSignal) {
    signal.addEventListener('abort', () => this.ring(), { once: true });
    void this.#follow(client, signal);
  }

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Resolves with what happens from now on, or has happened since the last was heard. */
  async next(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve));
    await pause(GATHER_MS);
    this.#rung = false;
  }

  async #follow(client: McpBridgeClient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const _ of client.events({ signal })) this.ring();
      } catch {
        await pause(AGAIN_MS);
        this.ring();
      }
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function filter(status: string | null): HTMLElement {
  const select = el(
    'select',
    {},
    el('option', { value: '' }, 'all'),
    ...STATUSES.map((known) => el('option', { value: known, selected: known === status }, known)),
  );
  select.addEventListener('change', () => {
    location.hash = select.value === '' ? '#/' : `#/?status=${select.value}`;
  });
  return el('label', {}, 'Status ', select);
}

function row(video: VideoSummary): HTMLElement {
  const { id, title, status, stage, asset_type: type, created_at: at } = video;
  const named = title === null ? el('code', {}, id) : said(title);
  const isActive = status === 'queued' || status === 'running' || status === 'cancelling';
  return el(
    'tr',
    {},
    el('td', {}, el('a', { href: `#/videos/${id}` }, named), el('span', { class: 'quiet' }, assetTypeInWords(type))),
    el(
      'td',
      {},
      el('span', { class: `status ${status}` }, `${statusMark(status)} ${status}`),
      isActive ? el('span', { class: 'quiet' }, stage) : null,
    ),
    el('td', {}, el('time', { datetime: at }, clock(at))),
    el('td', { 'data-took': id }, took(video)),
  );
}

const tookCell = (body: HTMLElement, id: string): Element | null => body.querySelector(`[data-took="${id}"]`);

const took = ({ created_at: at, finished_at: end }: VideoSummary): string =>
  lasted(Math.max(0, (end === null ? Date.now() : Date.parse(end)) - Date.parse(at)));
