import type { McpBridgeClient } from '../client/index.ts';
import { loadWebhookSecrets, type Config } from '../config.ts';
import type { DeadLetterList } from '../contract/webhook.ts';
import { connect } from './gateway.ts';

const AT = '/api/v1/webhooks/dead-letters';
const MOST = 100;

/** Lists the events that no receiver has taken, as a line each. Resolves to the exit code. */
export async function listDeadLetters(config: Config, { json = false }: { json?: boolean }): Promise<number> {
  const letters = await lettersAt(connect(config, {}));
  if (json) process.stdout.write(`${JSON.stringify(letters)}\n`);
  else if (letters.length === 0) process.stdout.write('No dead letters.\n');
  for (const { id, type, video_id, host, attempts, last_failure, failed_at } of json ? [] : letters)
    process.stdout.write(`${id}  ${type}  ${video_id}  ${host}  ${attempts} attempts, ${last_failure}, ${failed_at}\n`);
  return 0;
}

/** Sends dead letters again: those named, or all. */
export async function replayDeadLetters(config: Config, ids: string[], { all = false }: { all?: boolean }) {
  const client = connect(config, {});
  const wanted = all ? (await lettersAt(client)).map(({ id }) => id) : ids;
  if (wanted.length === 0) process.stderr.write('Nothing to send again: name dead letters, or say --all.\n');
  for (const id of wanted) {
    await client.request({ method: 'POST', path: `${AT}/${encodeURIComponent(id)}/replay` });
    process.stdout.write(`${id} is sent again\n`);
  }
  return wanted.length === 0 && !all ? 2 : 0;
}

/** What receivers check signatures with, the newest first. */
export function showSecrets(config: Config): Promise<number> {
  process.stdout.write(`${loadWebhookSecrets(config).join('\n')}\n`);
  return Promise.resolve(0);
}

const lettersAt = async (client: McpBridgeClient): Promise<DeadLetterList['dead_letters']> =>
  (await client.request<DeadLetterList>({ method: 'GET', path: `${AT}?limit=${MOST}` })).dead_letters;
