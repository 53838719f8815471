import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface PlainFilm {
  url: string;
  /** The bodies of the calls, as the product sends them. */
  script: unknown;
  pictures: readonly string[];
  narrations: readonly string[];
}

const WIDTH = { audio: 3, visual: 5 };

/** The same calls in the same order as a script would make them: nothing is remembered, tried again or accounted for. */
export async function runPlainScript({ url, script, pictures, narrations }: PlainFilm): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-bridge-bench-'));
  const post = async (at: string, body: unknown) => {
    const answer = await fetch(`${url}${at}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${at}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  try {
    await (await post('/api/v3/chat/completions', script)).json();
    await Promise.all([
      inTurns(narrations, WIDTH.audio, async (text, index) => {
        const answer = await post('/api/v3/tts/unidirectional', { req_params: { text } });
        await writeFile(path.join(folder, `${index}.ndjson`), await answer.text());
      }),
      inTurns(pictures, WIDTH.visual, async (prompt, index) => {
        const { data } = (await (await post('/api/v3/images/generations', { prompt })).json()) as {
          data: { url: string }[];
        };
        const file = await fetch(data[0]!.url);
        await writeFile(path.join(folder, `${index}.jpg`), Buffer.from(await file.arrayBuffer()));
      }),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inTurns<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries();
  const workThrough = async () => {
    for (const [index, item] of waiting) await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, workThrough));
}
