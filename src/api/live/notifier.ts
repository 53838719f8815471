import type { Logger } from '../../log.ts';
import { eventsAfter, eventsSince } from '../../read-model/read.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import { EventTail } from './event-tail.ts';
import { ALL_VIDEOS, Frame } from './frame.ts';
import { Turns } from '../../domain/turns.ts';

/** Events are read in pages of so many: what a reader that is behind costs at most, beside what its socket holds. */
const PAGE = 200;
/** The newest events, for whoever is a little behind: a gateway’s clients that come back together ask memory, not SQL. */
const KEPT_FRAMES = 1_024;
/** Reads at once, of the database’s eight connections. */
const READS_AT_ONCE = 4;

/** Where frames go: a stream or a socket. It is written to only while it is not full. */
export interface Sink {
  readonly isFull: boolean;
  write(frame: Frame, topic: string): void;
  /** The last event is out, and nothing follows it. */
  onEnd(topic: string): void;
  /** It must begin anew: the database goes on from an earlier place. */
  onRewind(): void;
}

/** One topic that one sink follows, and how far it has got. */
export class Subscription {
  readonly topic: string;
  readonly sink: Sink;
  /** The place of the last event that was sent. */
  after: number;
  isReading = false;
  /** There may be more stored than was sent. */
  isMore = false;
  isAtEnd = false;
  isOver = false;

  constructor(topic: string, sink: Sink, after: number) {
    this.topic = topic;
    this.sink = sink;
    this.after = after;
  }
}

interface Page {
  frames: Frame[];
  /** There may be more behind it. */
  isFull: boolean;
}

/**
 * What happens, to whoever wants to know: the one source behind server-sent events and WebSockets. It follows the log of
 * events once for all of them. Each subscription gets every event of its topic once and in order: the next one as it
 * comes, and after a gap, or for a reader that is behind, what is stored.
 */
export class Notifier {
  readonly #model: ReadModel;
  readonly #topics = new Map<string, Set<Subscription>>();
  readonly #tail: EventTail;
  readonly #turns = new Turns(READS_AT_ONCE);
  /** Reads under way, by what is read: who wants the same waits for the same. */
  readonly #reads = new Map<string, Promise<Page>>();
  /** Whose read failed: tried again when the database answers. */
  readonly #stale = new Set<Subscription>();
  /** Without gaps, the newest last. */
  #kept: Frame[] = [];

  constructor(model: ReadModel, log: Pick<Logger, 'error'>) {
    this.#model = model;
    this.#tail = new EventTail(
      { ...model, log },
      {
        isWanted: () => this.#topics.size > 0,
        onStart: () => this.#lookAll(),
        onEvent: (event) => this.#publish(new Frame(event)),
        onRewind: () => this.#rewind(),
        onLook: () => this.#lookAgain(),
      },
    );
  }

  /** Sends what comes after a place in the topic, from now until `unsubscribe`. */
  subscribe(topic: string, sink: Sink, after: number): Subscription {
    const subscription = new Subscription(topic, sink, after);
    const all = this.#topics.get(topic);
    if (all === undefined) this.#topics.set(topic, new Set([subscription]));
    else all.add(subscription);
    this.#tail.follow();
    void this.#catchUp(subscription);
    return subscription;
  }

  /** Hears that there is news of a topic, not what; returns what ends it. */
  listen(topic: string, onNews: () => void): () => void {
    const sink: Sink = { isFull: false, write: onNews, onEnd: () => {}, onRewind: onNews };
    const subscription = this.subscribe(topic, sink, 0);
    return () => this.unsubscribe(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    subscription.isOver = true;
    this.#stale.delete(subscription);
    const all = this.#topics.get(subscription.topic);
    if (all?.delete(subscription) === true && all.size === 0) this.#topics.delete(subscription.topic);
  }

  /** The sink is not full any more. */
  resume(subscription: Subscription): void {
    void this.#catchUp(subscription);
  }

  /** Events of a topic after a place, a page of them. @throws DatabaseUnavailable */
  read(topic: string, after: number): Promise<Page> {
    const kept = this.#keptAfter(topic, after);
    if (kept !== null) return Promise.resolve({ frames: kept.slice(0, PAGE), isFull: kept.length > PAGE });
    const key = `${topic} ${after}`;
    const reading = this.#reads.get(key) ?? this.#turns.take(() => this.#readStored(topic, after));
    if (!this.#reads.has(key)) {
      this.#reads.set(key, reading);
      const done = (): void => void this.#reads.delete(key);
      reading.then(done, done);
    }
    return reading;
  }

  async #readStored(topic: string, after: number): Promise<Page> {
    const { database } = this.#model;
    const found =
      topic === ALL_VIDEOS
        ? (await eventsSince(database, after, PAGE)).events
        : await eventsAfter(database, topic, { after, limit: PAGE });
    return { frames: found.map((event) => new Frame(event)), isFull: found.length === PAGE };
  }

  /** Null: memory does not reach back so far, or cannot tell. */
  #keptAfter(topic: string, after: number): Frame[] | null {
    const frames = topic === ALL_VIDEOS ? this.#kept : this.#kept.filter(({ videoId }) => videoId === topic);
    const [first] = frames;
    if (first === undefined || first.placeIn(topic) > after + 1) return null;
    return frames.filter((frame) => frame.placeIn(topic) > after);
  }

  #publish(frame: Frame): void {
    this.#kept.push(frame);
    // Cut off in blocks, so that it costs nothing by the event.
    if (this.#kept.length >= 2 * KEPT_FRAMES) this.#kept = this.#kept.slice(-KEPT_FRAMES);
    for (const topic of [frame.videoId, ALL_VIDEOS])
      for (const subscription of this.#topics.get(topic) ?? []) this.#offer(subscription, frame);
  }

  /** One after the last is sent as it is; after a gap, and to whoever is behind with reading, what is stored. */
  #offer(subscription: Subscription, frame: Frame): void {
    const place = frame.placeIn(subscription.topic);
    if (place <= subscription.after) return;
    if (subscription.isReading || place > subscription.after + 1) void this.#catchUp(subscription);
    else if (!subscription.sink.isFull) {
      this.#send(subscription, frame);
      this.#endIfOver(subscription);
    }
    // A full sink is behind from now on, and asks when it has room.
  }

  #send(subscription: Subscription, frame: Frame): void {
    subscription.after = frame.placeIn(subscription.topic);
    if (frame.isUnread) return;
    subscription.isAtEnd = frame.isEnd && subscription.topic !== ALL_VIDEOS;
    subscription.sink.write(frame, subscription.topic);
  }

  /** An end after which the video was restored is not the end. */
  #endIfOver(subscription: Subscription): void {
    if (subscription.isAtEnd && !subscription.isOver) subscription.sink.onEnd(subscription.topic);
  }

  async #catchUp(subscription: Subscription): Promise<void> {
    subscription.isMore = true;
    if (subscription.isReading) return;
    subscription.isReading = true;
    try {
      while (subscription.isMore && !subscription.isOver && !subscription.sink.isFull) {
        subscription.isMore = false;
        const { frames, isFull } = await this.read(subscription.topic, subscription.after);
        for (const frame of frames) {
          if (subscription.isOver || subscription.sink.isFull) break;
          if (frame.placeIn(subscription.topic) > subscription.after) this.#send(subscription, frame);
        }
        if (isFull) subscription.isMore = true;
      }
      if (!subscription.sink.isFull) this.#endIfOver(subscription);
    } catch {
      // What the database cannot tell now is told when it answers again; that it does not is in the tail's log.
      if (!subscription.isOver) this.#stale.add(subscription);
    } finally {
      subscription.isReading = false;
    }
  }

  #lookAll(): void {
    this.#kept = [];
    for (const all of this.#topics.values()) for (const subscription of all) void this.#catchUp(subscription);
  }

  #lookAgain(): void {
    const stale = [...this.#stale];
    this.#stale.clear();
    for (const subscription of stale) void this.#catchUp(subscription);
  }

  #rewind(): void {
    this.#kept = [];
    for (const all of [...this.#topics.values()]) for (const { sink } of [...all]) sink.onRewind();
  }
}
