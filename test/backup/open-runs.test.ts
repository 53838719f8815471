import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { startTemporal, temporalClient } from '../api/temporal-server.ts';
import { until } from '../until.ts';
import { refused, succeeding } from './command.ts';
import { fillPlace } from './estate.ts';
import { allRows, embeddedPlaces, type Place, type Places } from './places.ts';

const VIDEO = 'v01M7YF1XM2TYNDRJQSB1SQMY56';

describe('restore, while Temporal has open runs', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let client: Client;
  let places: Places;
  let place: Place;
  let out: string;
  before(async () => {
    temporal = await startTemporal();
    client = await temporalClient(temporal.address);
    places = await embeddedPlaces();
    const origin = await places.open();
    await fillPlace(origin, { videos: 1, rowsEach: 1 });
    out = path.join(origin.dataDir, '..', 'backup');
    await succeeding(origin.environment, 'backup', '--out', out);
    place = await places.open();
    // Nobody works on them: like a product that is stopped.
    for (const workflowId of [workflowIdOf(VIDEO), branchWorkflowId(VIDEO, 'visual', 1), 'somebody-elses'])
      await client.workflow.start('generateVideo', { workflowId, taskQueue: 'orchestration', args: [] });
    await until('Temporal lists them', async () => (await statuses()).length === 3);
  });
  after(async () => {
    await client?.connection.close();
    await places?.stop();
    await temporal?.stop();
  });

  const environment = () => ({ ...place.environment, TEMPORAL_ADDRESS: temporal.address });
  const statuses = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { workflowId, status } of client.workflow.list()) found.push(`${workflowId} ${status.name}`);
    return found.sort();
  };

  it('names them and refuses; warns of what is kept; ends those of ours, and no others', async () => {
    const reason = await refused(environment(), 'restore', '--from', out);
    assert.match(
      reason,
      new RegExp(`2 open runs:[^]*video-${VIDEO} [^]*may be bought once more[^]*--open-runs terminate`),
    );
    assert.doesNotMatch(reason, /somebody-elses/);
    assert.deepEqual((await allRows(await place.serve()))['videos'], [], 'nothing was touched');
    await place.rest();

    const kept = await succeeding(environment(), 'restore', '--from', out, '--open-runs', 'keep');
    assert.match(JSON.stringify(kept['warnings']), /WARNING: 2 runs go on/);

    await succeeding(environment(), 'restore', '--from', out, '--open-runs', 'terminate', '--force');
    const handle = (id: string) => client.workflow.getHandle(id).describe();
    assert.equal((await handle(workflowIdOf(VIDEO))).status.name, 'TERMINATED');
    assert.equal((await handle(branchWorkflowId(VIDEO, 'visual', 1))).status.name, 'TERMINATED');
    assert.equal((await handle('somebody-elses')).status.name, 'RUNNING');
  });

  it('refuses when it is to end them and Temporal is away', async () => {
    assert.match(
      await refused(place.environment, 'restore', '--from', out, '--open-runs', 'terminate', '--force'),
      /Temporal cannot be reached/,
    );
  });
});
