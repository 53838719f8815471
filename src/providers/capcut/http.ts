import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { UrlChannel } from '../../domain/config-files.ts';
import { ProviderError } from '../../domain/errors.ts';
import { systemCode } from '../error-code.ts';
import { parseJson } from '../parse-json.ts';
import type { ServicePool } from '../pool.ts';
import { readBytes } from '../read-bytes.ts';
import { retryAfterMs } from '../retry-after.ts';
import { capcutError, classifyCapcutError } from './capcut-errors.ts';
import type { Capcut } from './interfaces.ts';
import { beginDraft, strange, type CapcutLine } from './session.ts';
import { HttpAnswer, HttpSavedDraft, SaveTask } from './wire.ts';

/** Its longest answer names all fonts it knows. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** It saves before it answers; a server that does not is asked again. */
const ASK_AGAIN_MS = 500;

interface CapcutHttpOptions {
  channel: UrlChannel;
  pool: ServicePool;
}

/** CapCutAPI's HTTP server. Its drafts are in the memory of that process, whichever socket a call comes over. */
export function createCapcutHttp({ channel, pool }: CapcutHttpOptions): Capcut {
  return { begin: (canvas, { signal }) => beginDraft(httpLine({ channel, pool, signal }), canvas) };
}

function httpLine({ channel, pool, signal }: CapcutHttpOptions & { signal: AbortSignal }): CapcutLine {
  const ask = async (path: string, parameters: object): Promise<unknown> => {
    const { status, retryAfter, text } = await post(path, parameters);
    const answer = HttpAnswer.safeParse(parseJson(text));
    if (status === 200 && answer.success && answer.data.success) return answer.data.output;
    const error = answer.success && !answer.data.success ? answer.data.error : '';
    if (status === 200 && error === '' && !answer.success) throw strange('answered with something else than its JSON');
    const told = { httpStatus: status, retryAfterMs: retryAfter };
    throw capcutError(classifyCapcutError({ status, error }), `refused ${path}`, told);
  };

  const post = async (path: string, parameters: object) => {
    const { origin, pathname } = new URL(channel.url);
    try {
      const { statusCode, headers, body } = await pool.agent.request({
        ...{ origin, path: `${pathname.replace(/\/+$/, '')}/${path}`, method: 'POST', signal },
        headers: { ...channel.headers, 'content-type': 'application/json' },
        body: JSON.stringify(parameters),
      });
      body.on('error', () => {});
      const text = (await readBytes(body, MAX_ANSWER_BYTES, () => strange('answered without end'))).toString('utf8');
      return { status: statusCode, retryAfter: retryAfterMs(headers['retry-after']), text };
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof ProviderError) throw cause;
      throw capcutError({ kind: 'network_error', code: systemCode(cause) }, 'could not be reached, or fell silent');
    }
  };

  return {
    ask,
    async save(draftId, folder) {
      // Newer ones would copy the draft into the app's folder, too.
      const answer = await ask('save_draft', { draft_id: draftId, draft_folder: folder, auto_deploy: false });
      const saved = HttpSavedDraft.safeParse(answer);
      while (saved.success && saved.data.draft_url !== null) {
        // That answer says that all is well also when nothing was saved.
        const { status } = known(SaveTask, await ask('query_draft_status', { task_id: draftId }));
        if (status === 'completed') return;
        if (status === 'failed') break;
        await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
      throw capcutError({ kind: 'temporary_failure', code: 'NotSaved' }, 'did not save the draft');
    },
    close: () => Promise.resolve(),
  };
}

function known<Shape extends z.ZodType>(shape: Shape, output: unknown): z.infer<Shape> {
  const read = shape.safeParse(output);
  if (!read.success) throw strange('answered in another form than its own');
  return read.data;
}
