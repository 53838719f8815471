import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FaultRule } from '../../sandbox/faults.ts';
import type { Health } from '../../src/contract/health.ts';
import type { Channel } from '../../src/domain/service.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { GateBefore } from './gate-before.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** As many as a small film has scenes. */
const THRESHOLD = 2;
/** Longer than a film's pictures take on a busy machine: until then, nobody asks. */
const MCP_RECOVERY_SECONDS = 40;
const HTTP_RECOVERY_SECONDS = 4;
/** Longer than a picture takes on a busy machine. */
const ANSWER_SECONDS = 25;

type Film = Awaited<ReturnType<StackUnderTest['finished']>>;

describe('pictures, over two channels', () => {
  let under: StackUnderTest;
  const mcp = new GateBefore();
  before(async () => {
    await mcp.open();
    under = await StackUnderTest.start(
      { DOUBAO_MCP_URL: `http://${mcp.host}/mcp/doubao`, ARK_IMAGE_MODEL: 'doubao-seedream-3-0-t2i-250415' },
      {
        channels: ({ doubao }) => (doubao.mcp_answer_seconds.still = ANSWER_SECONDS),
        breakers: ({ mcp_channel, http_channel }) => {
          Object.assign(mcp_channel, { failure_threshold: THRESHOLD, recovery_timeout: MCP_RECOVERY_SECONDS });
          Object.assign(http_channel, { failure_threshold: THRESHOLD, recovery_timeout: HTTP_RECOVERY_SECONDS });
        },
      },
    );
    mcp.target = under.stack.urls.sandbox ?? '';
  });
  after(async () => {
    await under.stop();
    await mcp.shut();
  });

  const health = async (): Promise<Health> =>
    ((await (await under.request('GET', '/health')).json()) as { data: Health }).data;
  const isOpen = async (channel: Channel) =>
    (await health()).circuit_breakers.some(({ service, state }) => service === channel && state === 'open');
  const atRest = () => until('all breakers are at rest', async () => (await health()).circuit_breakers.length === 0);
  /** How often a channel was passed over for this reason. */
  const passedOver = async (why: string): Promise<number> => {
    const text = await (await under.request('GET', '/metrics')).text();
    const line = new RegExp(`^mcp_bridge_channel_fallbacks_total\\{[^}]*why="${why}"[^}]*\\} (\\d+)$`, 'm').exec(text);
    return Number(line?.[1] ?? 0);
  };
  const vias = async () => (await under.sandbox.arrived('image')).map(({ via }) => via).sort();
  const stillsOf = ({ cost }: Film) =>
    cost.lines
      .filter(({ purpose }) => purpose === 'still')
      .map(({ attempt, channel, state }) => `${attempt} ${channel} ${state}`)
      .sort();
  const channelsOf = ({ quality }: Film) => quality.scenes.map(({ picture_channel }) => picture_channel);
  const make = async (faults: FaultRule[] = []): Promise<{ id: string; film: Film }> => {
    await under.sandbox.reset(faults);
    const id = await under.order();
    return { id, film: await under.finished(id) };
  };

  it('a film over MCP: every scene says so, and each picture is one call', async () => {
    const { id, film } = await make();
    assert.deepEqual([film.status, film.degradations], ['success', []]);
    assert.deepEqual(stillsOf(film), ['1 mcp_channel bought', '1 mcp_channel bought']);
    assert.deepEqual(channelsOf(film), ['mcp_channel', 'mcp_channel']);
    assert.deepEqual(await vias(), ['mcp', 'mcp']);
    const others = film.cost.lines.filter(({ purpose }) => purpose !== 'still');
    assert.deepEqual([...new Set(others.map(({ channel }) => channel))], ['http_channel']);
    await assertHonestAccount(under, film.cost);
    await assertAtRest(under, id, 'COMPLETED');
    assert.equal(await passedOver('network_error'), 0);
  });

  it('an MCP server that is down: films come over HTTP; its breaker opens, it is left alone, and tried again', async () => {
    await mcp.shut();
    const { film } = await make();
    assert.deepEqual([film.status, film.degradations], ['success', []]);
    assert.deepEqual(stillsOf(film), ['1 http_channel bought', '1 http_channel bought']);
    assert.deepEqual(channelsOf(film), ['http_channel', 'http_channel']);
    assert.deepEqual(await vias(), ['http', 'http']);
    assert.equal(await passedOver('network_error'), THRESHOLD);
    await until('the breaker is open', () => isOpen('mcp_channel'));
    assert.equal((await health()).status, 'degraded');

    // It is back, and nobody asks it before the time.
    await mcp.open();
    const { connections } = mcp;
    await under.sandbox.reset();
    const second = await under.order();
    await until('its pictures are bought', async () => (await under.sandbox.billed('image')).length === 2);
    assert.deepEqual([mcp.connections, await isOpen('mcp_channel')], [connections, true]);
    assert.deepEqual(channelsOf(await under.finished(second)), ['http_channel', 'http_channel']);
    assert.equal(await passedOver('circuit_open'), 2);

    await until('it is to be tried again', async () => !(await isOpen('mcp_channel')));
    // The worker's clock is the one that counts.
    await until('its pictures come over MCP', async () =>
      channelsOf((await make()).film).every((channel) => channel === 'mcp_channel'),
    );
    await atRest();
  });

  it('an MCP server that hangs in a call: one more purchase, over HTTP, and the account has both', async () => {
    const hang = { route: 'mcp', match: 'tools/call', nth: 1, fault: { hang: true, billed: true } } as const;
    const { film } = await make([hang]);
    assert.equal(film.status, 'success');
    assert.deepEqual(stillsOf(film), ['1 mcp_channel bought', '1 mcp_channel unknown', '2 http_channel bought']);
    assert.deepEqual([...channelsOf(film)].sort(), ['http_channel', 'mcp_channel']);
    assert.equal((await under.sandbox.billed('image')).length, 3);
    await assertHonestAccount(under, film.cost, { lost: 1 });
    assert.equal(await passedOver('outcome_unknown'), 1);
  });

  it('both channels leave the outcome unknown: there is no third purchase', async () => {
    const { film } = await make([
      { route: 'mcp', match: 'tools/call', nth: 1, fault: { die: true, billed: true } },
      { route: 'image', via: 'http', fault: { noAnswer: 'after' } },
    ]);
    assert.equal(film.status, 'partial');
    assert.deepEqual(
      film.degradations.map(({ what, why }) => [what, why]),
      [['picture', 'outcome_unknown']],
    );
    assert.deepEqual(stillsOf(film), ['1 mcp_channel bought', '1 mcp_channel unknown', '2 http_channel unknown']);
    assert.deepEqual([...channelsOf(film)].sort(), ['mcp_channel', null]);
    assert.equal((await under.sandbox.billed('image')).length, 3);
    await atRest();
  });

  it('HTTP down for pictures while MCP serves: nobody notices; with its breaker open, health says so and MCP goes on', async () => {
    await under.sandbox.reset([
      { route: 'image', via: 'http', fault: { noAnswer: 'before' } },
      // Speech has only this channel: two lines that are not answered open its breaker.
      { route: 'speech', count: 2, fault: { noAnswer: 'before' } },
    ]);
    const id = await under.order();
    await until('the HTTP channel’s breaker is open', () => isOpen('http_channel'));
    const { status, checks } = await health();
    assert.deepEqual([status, checks.providers.ok], ['degraded', false]);
    const film = await under.finished(id);
    assert.equal(film.status, 'success');
    assert.deepEqual(stillsOf(film), ['1 mcp_channel bought', '1 mcp_channel bought']);
    assert.deepEqual(await vias(), ['mcp', 'mcp']);
    await atRest();
  });

  it('both down: the video fails with its reason, and the account has what may have been paid', async () => {
    await mcp.shut();
    try {
      await under.sandbox.reset([{ route: 'image', fault: { noAnswer: 'before' } }]);
      const video = await under.ended(await under.order());
      assert.ok(video.status === 'failed', JSON.stringify(video));
      assert.equal(video.error.code, 'no_real_pictures');
      const stills = video.cost?.lines.filter(({ purpose }) => purpose === 'still') ?? [];
      assert.deepEqual(
        [...new Set(stills.map(({ channel, state }) => `${channel} ${state}`))],
        ['http_channel unknown'],
      );
      assert.equal(stills.length, (await under.sandbox.arrived('image')).length);
    } finally {
      await mcp.open();
    }
  });
});
