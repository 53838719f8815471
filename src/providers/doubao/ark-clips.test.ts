import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, describe, it } from 'node:test';
import { ProviderError, type ProviderErrorDetails } from '../../domain/errors.ts';
import { createPool } from '../pool.ts';
import { CLOSED_PORT, cut, htmlPage, json, resetAfterRequest, startHost, type Answer } from '../testing/local-host.ts';
import { createArk } from './ark.ts';
import type { ClipRequest } from './interfaces.ts';

const TASK = JSON.parse(readFileSync(new URL('fixtures/clip-task.json', import.meta.url), 'utf8')) as {
  id: string;
  [field: string]: unknown;
};
const ID = TASK.id;
const TASKS = '/api/v3/contents/generations/tasks';
const CLIP: ClipRequest = {
  ...{ model: 'doubao-seedance-1-0-pro-250528', prompt: 'a lighthouse at dusk', ratio: '9:16' },
  ...{ resolution: '720p', durationSeconds: 5, seed: 11 },
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function arkWith(answer: Answer, baseUrl?: string) {
  const host = await startHost(answer);
  const pool = createPool({ maxConnections: 2, connectionTimeoutMs: 2_000, readTimeoutMs: 2_000 });
  open.push(host, { close: () => pool.agent.destroy() });
  return { host, ark: createArk({ baseUrl: baseUrl ?? `${host.url}/api/v3/`, apiKey: 'a-key', pool }) };
}

async function detailsOf(call: Promise<unknown>): Promise<Partial<ProviderErrorDetails>> {
  const error = await call.then(
    () => assert.fail('it succeeded'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ProviderError, String(error));
  assert.ok(!`${error.message}${JSON.stringify(error.details)}`.includes('a-key'));
  return error.details;
}

describe('a clip is ordered', () => {
  const bodyFor = async (change: Partial<ClipRequest>): Promise<Record<string, unknown>> => {
    const { host, ark } = await arkWith(json(200, { id: ID }));
    assert.deepEqual(await ark.createClip({ ...CLIP, ...change }), { taskId: ID, model: change.model ?? CLIP.model });
    const [request] = host.requests;
    assert.deepEqual([request?.method, request?.path], ['POST', TASKS]);
    return JSON.parse(request?.body ?? '') as Record<string, unknown>;
  };

  it('by strict fields, with its seed where the model takes one', async () => {
    assert.deepEqual(await bodyFor({}), {
      model: CLIP.model,
      content: [{ type: 'text', text: CLIP.prompt }],
      ...{ resolution: '720p', ratio: '9:16', duration: 5, watermark: false, seed: 11 },
    });
  });

  it('without the sound that newer models make unless they are told', async () => {
    const body = await bodyFor({ model: 'doubao-seedance-2-0-260128' });
    assert.deepEqual([body['generate_audio'], 'seed' in body], [false, false]);
  });

  it('from a first frame, where the model takes one', async () => {
    const firstFrame = 'data:image/png;base64,AAAA';
    const frame = { type: 'image_url', image_url: { url: firstFrame }, role: 'first_frame' };
    assert.deepEqual((await bodyFor({ firstFrame }))['content'], [{ type: 'text', text: CLIP.prompt }, frame]);
    assert.equal((await bodyFor({ firstFrame, model: 'doubao-seedance-2-5-260628' }))['ratio'], 'adaptive');
    const without = await bodyFor({ firstFrame, model: 'doubao-seedance-1-0-lite-t2v-250428' });
    assert.equal((without['content'] as unknown[]).length, 1);
  });

  it('once: what its answer means is what it means for a picture', async () => {
    const kindAfter = async (answer: Answer) => {
      const { host, ark } = await arkWith(answer);
      const { kind, billed } = await detailsOf(ark.createClip(CLIP));
      assert.equal(host.requests.length, 1);
      return `${kind} ${billed}`;
    };
    const error = { error: { code: 'QuotaExceeded', message: 'too many queued video tasks' } };
    assert.equal(await kindAfter(json(429, error)), 'rate_limit no');
    assert.equal(await kindAfter(resetAfterRequest), 'outcome_unknown unknown');
    assert.equal(await kindAfter(cut(200, JSON.stringify({ id: ID }).slice(0, 5))), 'outcome_unknown unknown');
    assert.equal(await kindAfter(json(200, { nothing: 1 })), 'outcome_unknown unknown');
  });
});

describe('a task is asked for', () => {
  it('and told in full', async () => {
    const { host, ark } = await arkWith(json(200, TASK));
    assert.deepEqual(await ark.readClip(ID), {
      ...{ id: ID, model: CLIP.model, state: 'succeeded', tokens: 108_900, seed: 10, error: null },
      ...{ url: 'https://tos.example/v.mp4?X-Tos-Expires=86400', createdAtMs: 1_743_414_619_000 },
    });
    assert.deepEqual([host.requests[0]?.method, host.requests[0]?.path], ['GET', `${TASKS}/${ID}`]);
  });

  it('in every state that there is', async () => {
    for (const status of ['queued', 'running', 'cancelled', 'expired']) {
      const { ark } = await arkWith(json(200, { id: ID, model: 'm', status }));
      const { state, url, tokens, error } = await ark.readClip(ID);
      assert.deepEqual([state, url, tokens, error], [status, null, null, null]);
    }
    const error = { code: 'OutputVideoSensitiveContentDetected', message: 'no' };
    const { ark } = await arkWith(json(200, { id: ID, status: 'failed', error }));
    assert.deepEqual((await ark.readClip(ID)).error, error);
  });

  it('and one in a state that nobody knows is a fault, not a reason to wait on', async () => {
    const { ark } = await arkWith(json(200, { id: ID, status: 'dreaming' }));
    const { kind, code } = await detailsOf(ark.readClip(ID));
    assert.deepEqual([kind, code], ['permanent', 'UnknownTaskForm']);
  });

  it('again, when the answer was lost: nothing is bought by it', async () => {
    for (const [answer, kind] of [
      [resetAfterRequest, 'network_error'],
      [cut(200, JSON.stringify(TASK).slice(0, 20)), 'network_error'],
      [htmlPage(502), 'temporary_failure'],
      [json(429, { error: { code: 'AccountRateLimitExceeded', message: '' } }), 'rate_limit'],
      [json(404, { error: { code: 'NotFound.Task', message: '' } }), 'permanent'],
    ] as const) {
      const { ark } = await arkWith(answer);
      const details = await detailsOf(ark.readClip(ID));
      assert.deepEqual([details.kind, details.billed], [kind, 'no']);
    }
    const { ark } = await arkWith(json(200, TASK), `http://127.0.0.1:${CLOSED_PORT}/api/v3`);
    assert.equal((await detailsOf(ark.readClip(ID))).kind, 'network_error');
  });
});

describe('tasks are listed', () => {
  it('with either word for why one has failed', async () => {
    const reason = { code: 'InternalServiceError', message: 'x' };
    const items = [
      { id: 'a', model: 'm', status: 'failed', failure_reason: reason, seed: 3 },
      { id: 'b', model: 'm', status: 'failed', error: reason },
    ];
    const { host, ark } = await arkWith(json(200, { total: 2, items }));
    const tasks = await ark.listClips({ model: 'm x', pageSize: 50 });
    assert.deepEqual(
      tasks.map(({ id, seed, error }) => [id, seed, error?.code]),
      [
        ['a', 3, 'InternalServiceError'],
        ['b', null, 'InternalServiceError'],
      ],
    );
    assert.equal(host.requests[0]?.path, `${TASKS}?page_num=1&page_size=50&filter.model=m+x`);
  });
});

describe('a task is called off', () => {
  it('or it is too late', async () => {
    const { host, ark } = await arkWith(json(200, {}));
    assert.equal(await ark.cancelClip(ID), true);
    assert.deepEqual([host.requests[0]?.method, host.requests[0]?.path], ['DELETE', `${TASKS}/${ID}`]);
    for (const status of [400, 404, 409]) {
      const late = await arkWith(json(status, { error: { code: 'InvalidAction', message: 'running' } }));
      assert.equal(await late.ark.cancelClip(ID), false);
    }
    const broken = await arkWith(htmlPage(502));
    assert.equal((await detailsOf(broken.ark.cancelClip(ID))).kind, 'temporary_failure');
  });
});
