import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { and, eq, isNotNull } from 'drizzle-orm';
import { webhookDeliveries } from '../../src/database/schema.ts';
import { webhookWorkflowId } from '../../src/domain/webhook.ts';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { StackUnderTest } from '../e2e/stack-under-test.ts';
import { until } from '../until.ts';
import { historyToJson } from './history-json.ts';
import { localNamesIn, redact, telltalesIn } from './redact.ts';
import { fileNameOf, HISTORIES, says, type HistoryJson } from './saved-history.ts';
import { SCENARIOS, type Told } from './scenarios.ts';
import { evidenceOf, SHAPES, type Role, type Shape } from './shapes.ts';

/** Makes one video of each shape on a real stack and saves what its workflows wrote. README.md says when. */
async function main([release, ...shapes]: string[]): Promise<void> {
  if (release === undefined || !/^v\d+$/.test(release) || !shapes.every((shape) => Object.hasOwn(SHAPES, shape)))
    throw new Error('usage: save-histories.ts v<number> [shape …]');
  const wanted = (shapes.length === 0 ? Object.keys(SHAPES) : shapes) as Shape[];
  for (const file of wanted.flatMap((shape) => filesOf(release, shape))) {
    if (existsSync(file)) throw new Error(`${file} exists: what a release has left behind is never written anew`);
  }

  const under = await StackUnderTest.start({ WEBHOOK_ALLOW_PRIVATE: 'true', WEBHOOK_RETRY_SECONDS: '1,1' });
  try {
    for (const shape of wanted) await save(under, release, shape);
  } finally {
    await under.stop();
  }
}

const filesOf = (release: string, shape: Shape): string[] =>
  evidenceOf(shape).map(([role]) => path.join(HISTORIES, fileNameOf(release, shape, role)));

async function save(under: StackUnderTest, release: string, shape: Shape): Promise<void> {
  await under.sandbox.reset();
  const told = await SCENARIOS[shape](under);
  const { id, runId, attempt = 1 } = typeof told === 'string' ? { id: told } : told;
  for (const [role, evidence] of evidenceOf(shape)) {
    const history = await historyOf(under, { id, attempt, ...(runId === undefined ? {} : { runId }) }, role);
    checkEvidence(`${shape}.${role}`, { history, evidence });
    writeFileSync(path.join(HISTORIES, fileNameOf(release, shape, role)), lines(history));
    process.stdout.write(`${fileNameOf(release, shape, role)}: ${history.events.length} events\n`);
  }
}

async function historyOf(under: StackUnderTest, { id, runId, attempt = 1 }: Told, role: Role): Promise<HistoryJson> {
  switch (role) {
    case 'video':
      return closedHistory(under, workflowIdOf(id), runId);
    case 'webhook':
      return closedHistory(under, webhookWorkflowId(await webhookOf(under, id), 1));
    default:
      return closedHistory(under, branchWorkflowId(id, role, attempt));
  }
}

/** Its delivery, once its run is started. */
async function webhookOf(under: StackUnderTest, videoId: string): Promise<string> {
  let found: { id: string }[] = [];
  const table = webhookDeliveries;
  await until(
    'its webhook is on the way',
    async () => {
      found = await under.database.run((query) =>
        query
          .select({ id: table.id })
          .from(table)
          .where(and(eq(table.videoId, videoId), isNotNull(table.startedAt))),
      );
      return found.length > 0;
    },
    { withinMs: 120_000 },
  );
  return found[0]!.id;
}

/** Waits by Temporal's own word: asking the gateway asks the worker, and that would change what a lost worker leaves. */
async function closedHistory(under: StackUnderTest, workflowId: string, runId?: string): Promise<HistoryJson> {
  const handle = under.client.workflow.getHandle(workflowId, runId);
  await until(`${workflowId} is closed`, async () => (await handle.describe()).status.name !== 'RUNNING');
  return redact(historyToJson(await handle.fetchHistory()));
}

/** An event per line: small, and a difference shows where it is. */
const lines = ({ events }: HistoryJson): string =>
  `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;

function checkEvidence(name: string, { history, evidence }: { history: HistoryJson; evidence: string[] }): void {
  const missing = evidence.filter((word) => !says(history, word));
  if (missing.length > 0) throw new Error(`${name} did not come about: no ${missing.join(', ')} in\n${lines(history)}`);
  const telling = [...telltalesIn(history), ...localNamesIn(history)];
  if (telling.length > 0) throw new Error(`${name} tells of this machine: ${telling.join('\n')}`);
}

await main(process.argv.slice(2));
// Receivers of webhooks that scenarios have started listen on.
process.exit(0);
