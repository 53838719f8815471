import { WireEvent } from '../../src/contract/video-event.ts';

/** A stream of server-sent events, as a client reads it. */
export class EventReader {
  readonly events: WireEvent[] = [];
  /** Resolves when the stream ends, however it does. */
  readonly over: Promise<void>;
  readonly #aborting = new AbortController();

  constructor(url: string, lastEventId?: number) {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
    this.over = this.#read(url, headers).catch(() => {});
  }

  get lastId(): number {
    return this.events.at(-1)?.id ?? 0;
  }

  close(): void {
    this.#aborting.abort();
  }

  async #read(url: string, headers: Record<string, string>): Promise<void> {
    const response = await fetch(url, { headers, signal: this.#aborting.signal });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        const event = WireEvent.parse(JSON.parse(data));
        if (!block.includes(`id: ${event.id}\nevent: ${event.type}\n`)) throw new Error(`not one event: ${block}`);
        this.events.push(event);
      }
    }
  }
}
