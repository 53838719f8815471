import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { QUEUES } from '../../src/domain/queues.ts';

const PARALLEL = 'parallel_config.yaml';
const ERRORS = 'error_handling_config.yaml';
const PRICES = 'prices.yaml';

describe('the YAML files', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'config-test-'));
    cpSync(loadConfig({}).configDir, dir, { recursive: true });
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const load = () => loadConfig({ CONFIG_DIR: dir });

  /** Changes the file that comes with the product; what should be replaced must be there. */
  async function edit(name: string, from: string | RegExp, to: string): Promise<void> {
    const file = path.join(dir, name);
    const before = await readFile(file, 'utf8');
    const after = before.replace(from, to);
    assert.notEqual(after, before, `${name} has no ${from}`);
    await writeFile(file, after);
  }

  function complaint(): string {
    try {
      load();
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.message;
    }
    return assert.fail('the configuration was taken');
  }

  it('that come with the product hold what the origin documents ask for', () => {
    const { parallel, errorHandling } = load();
    const { audio_branch, visual_branch, resource_pools } = parallel;
    assert.deepEqual(
      [audio_branch.max_concurrent_tasks, audio_branch.timeout_seconds, audio_branch.retry_attempts],
      [3, 30, 3],
    );
    assert.deepEqual(
      [visual_branch.max_concurrent_tasks, visual_branch.timeout_seconds, visual_branch.retry_attempts],
      [5, 60, 3],
    );
    assert.deepEqual([resource_pools.doubao_api.max_connections, resource_pools.capcut_api.max_connections], [10, 8]);
    const { network_errors, api_rate_limit, temporary_failures } = errorHandling.retry_strategies;
    assert.deepEqual(
      [network_errors.max_attempts, api_rate_limit.max_attempts, temporary_failures.max_attempts],
      [5, 3, 3],
    );
  });

  it('leave the critic off, and it can be switched on', async () => {
    assert.equal(load().storyboard.critic, false);
    await edit('storyboard_config.yaml', 'critic: false', 'critic: true');
    assert.equal(load().storyboard.critic, true);
  });

  it('may leave out what has a default', async () => {
    await edit(PARALLEL, /\n *min_real_pictures: 1/, '');
    await edit(PARALLEL, / *timeout_seconds_by_asset_type:\n.*\n.*\n/, '');
    await edit(ERRORS, /\n *jitter: true/, '');
    const { parallel, errorHandling } = load();
    const sync = parallel.sync_points.audio_visual_sync;
    assert.deepEqual([sync.min_real_pictures, sync.timeout_seconds_by_asset_type], [1, {}]);
    assert.equal(errorHandling.retry_strategies.network_errors.jitter, false);
  });

  const faults: [what: string, file: string, from: string | RegExp, to: string, told: RegExp[]][] = [
    [
      'a wrong word',
      PARALLEL,
      "'partial_continue'",
      "'carry_on'",
      [/sync_points\.audio_visual_sync\.failure_strategy/, /"partial_continue"\|"fail_fast"/],
    ],
    [
      'a number out of range',
      PARALLEL,
      'max_concurrent_tasks: 3',
      'max_concurrent_tasks: 0',
      [/audio_branch\.max_concurrent_tasks/, />=1/],
    ],
    [
      'a text for a number',
      PARALLEL,
      'timeout_seconds: 60',
      'timeout_seconds: sixty',
      [/visual_branch\.timeout_seconds/, /expected number/],
    ],
    [
      'a fraction of an attempt',
      ERRORS,
      'max_attempts: 5',
      'max_attempts: 2.5',
      [/network_errors\.max_attempts/, /expected int/],
    ],
    [
      'a misspelt key',
      PARALLEL,
      'retry_attempts: 3',
      'retry_atempts: 3',
      [/audio_branch/, /"retry_atempts"/, /audio_branch\.retry_attempts/],
    ],
    [
      'a missing section',
      ERRORS,
      /\n *api_rate_limit:(\n {6}.*)+/,
      '',
      [/retry_strategies\.api_rate_limit/, /expected object/],
    ],
    [
      'a branch that does not exist',
      PARALLEL,
      "'audio', 'visual'",
      "'audio', 'video'",
      [/required_branches\[1\]/, /"audio"\|"visual"/],
    ],
    [
      'a queue that no worker serves',
      PARALLEL,
      "'audio_processing'",
      "'audio_procesing'",
      [/audio_branch\.queue_name/, /"audio_processing"/],
    ],
    ['a negative price', PRICES, 'default: 0.25', 'default: -0.25', [/prices\.image\.default/, />=0/]],
    ['no default price', PRICES, /\n *default: 5/, '', [/prices\.speech\.default/, /expected number/]],
    [
      'half a chat price',
      PRICES,
      /, output_per_million: 15/,
      '',
      [/prices\.chat\.?.*doubao-seed-2-1-turbo-260628.*output_per_million/, /expected number/],
    ],
    ['a word for a switch', 'storyboard_config.yaml', 'critic: false', 'critic: sometimes', [/storyboard\.critic/]],
    ['broken YAML', PARALLEL, '    queue_name', '   queue_name', [/line \d+/]],
    ['the same key twice', ERRORS, 'base_delay: 1.0', 'max_attempts: 4', [/unique/, /line \d+/]],
  ];
  for (const [what, file, from, to, told] of faults) {
    it(`with ${what} are refused, with file, place and remedy`, async () => {
      await edit(file, from, to);
      const message = complaint();
      assert.ok(message.startsWith(`${file}: `), message);
      for (const part of told) assert.match(message, part);
    });
  }

  it('are told of all their faults at once', async () => {
    await edit(PARALLEL, 'max_concurrent_tasks: 3', 'max_concurrent_tasks: 0');
    await edit(PARALLEL, "'partial_continue'", "'carry_on'");
    const message = complaint();
    for (const part of [/max_concurrent_tasks/, /failure_strategy/]) assert.match(message, part);
  });

  it('that are missing or empty are named', async () => {
    await writeFile(path.join(dir, PRICES), '');
    assert.match(complaint(), /^prices\.yaml: .*expected object/);
    await rm(path.join(dir, PRICES));
    assert.match(complaint(), /^prices\.yaml: .*no such file/);
  });

  it('know every queue', async () => {
    for (const queue of QUEUES) {
      await edit(PARALLEL, /queue_name: .+/, `queue_name: "${queue}"`);
      assert.equal(load().parallel.audio_branch.queue_name, queue);
    }
  });
});
