import { eventToWire } from '../../contract/video-event.ts';
import type { StoredEvent, UnreadEvent } from '../../read-model/read.ts';

/** Of all videos; any other topic is a video’s id. */
export const ALL_VIDEOS = 'videos';

type Form = 'sseVideo' | 'sseAll' | 'wsVideo' | 'wsAll';

/** An event as it goes out: written down once in each form that somebody wants, however many want it. */
export class Frame {
  readonly videoId: string;
  readonly id: number;
  readonly seq: number;
  /** Nothing follows, unless the video is restored. */
  readonly isEnd: boolean;
  /** A newer release wrote it: it has its place, and is not sent. */
  readonly isUnread: boolean;
  #event: StoredEvent | null;
  #forms: Partial<Record<Form, Buffer>> = {};

  constructor(stored: StoredEvent | UnreadEvent) {
    this.videoId = stored.videoId;
    this.id = stored.id;
    this.seq = stored.seq;
    this.isUnread = stored.event === null;
    this.isEnd = stored.event?.type === 'ended';
    this.#event = stored.event === null ? null : stored;
  }

  /** Its place in a topic: what `after` and `Last-Event-ID` name. */
  placeIn(topic: string): number {
    return topic === ALL_VIDEOS ? this.seq : this.id;
  }

  /** As server-sent event. */
  sse(topic: string): Buffer {
    const form = topic === ALL_VIDEOS ? 'sseAll' : 'sseVideo';
    return (this.#forms[form] ??= Buffer.from(
      sseText({
        id: this.placeIn(topic),
        event: this.#wire().type,
        data: form === 'sseAll' ? this.#live() : this.#wire(),
      }),
    ));
  }

  /** As message of a WebSocket. */
  ws(topic: string): Buffer {
    const form = topic === ALL_VIDEOS ? 'wsAll' : 'wsVideo';
    return (this.#forms[form] ??= Buffer.from(JSON.stringify({ type: 'event', topic, ...this.#live() })));
  }

  #live() {
    return { seq: this.seq, video_id: this.videoId, event: this.#wire() };
  }

  #wire() {
    if (this.#event === null) throw new Error('an event that cannot be read is not sent');
    return eventToWire(this.#event);
  }
}

/** JSON has no line breaks of its own, so `data` is one line. */
export const sseText = ({ id, event, data }: { id: number; event: string; data: unknown }): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
