import assert from 'node:assert/strict';
import { EventReader } from './events.ts';
import type { StackUnderTest } from './stack-under-test.ts';

interface Answer {
  status: number;
  data?: { status?: string; checkpoints?: { name: string }[] };
  error?: { code: string; message: string };
}

/** What a person does with a video's checkpoints. */
export function restoring(under: StackUnderTest) {
  async function ask(method: string, at: string, body?: unknown): Promise<Answer> {
    const response = await under.request(method, `/api/v1/videos/${at}`, { body });
    return { ...((await response.json()) as Answer), status: response.status };
  }
  const restore = (id: string, checkpoint: string) => ask('POST', `${id}/restore`, { checkpoint });
  return {
    ask,
    restore,
    async restored(id: string, checkpoint: string): Promise<void> {
      const { status, error } = await restore(id, checkpoint);
      assert.equal(status, 202, JSON.stringify(error));
    },
    names: async (id: string) => (await ask('GET', `${id}/checkpoints`)).data?.checkpoints?.map(({ name }) => name),
    /** All that its stream tells until it ends. */
    async eventsOf(id: string) {
      const reader = new EventReader(`${under.stack.urls.gateway}/api/v1/videos/${id}/events`);
      await reader.over;
      return reader.events;
    },
    billed: async () => (await under.sandbox.ledger()).lines.length,
  };
}
