import { loadConfig } from '../src/config.ts';
import { createArk } from '../src/providers/doubao/ark.ts';
import { createPool, limitsOf } from '../src/providers/pool.ts';
import { HELD_OUT } from '../test/domain/prompt-pairs.ts';

/**
 * What ARK_EMBEDDING_SIMILARITY should be: asks the configured model for each description of a test set, 80 calls of some
 * twenty tokens (a tenth of a fen in all), and prints how many paraphrases it finds at each threshold, and how many
 * other pictures it takes for the same. Run it with `npx tsx scripts/measure-embeddings.ts`.
 */
async function main(): Promise<void> {
  const { ark, parallel } = loadConfig();
  const { embedding } = ark;
  if (embedding === null || ark.apiKey === null) {
    process.stderr.write('Set ARK_API_KEY and ARK_EMBEDDING_MODEL: there is nothing to measure.\n');
    process.exit(1);
  }
  const pool = createPool(limitsOf(parallel.resource_pools.doubao_api));
  const client = createArk({ ...ark, apiKey: ark.apiKey, pool });
  const directionOf = async (text: string): Promise<number[]> => (await client.embed({ ...embedding, text })).values;
  const cosines = (pairs: readonly (readonly [string, string])[]) =>
    Promise.all(
      pairs.map(async ([one, other]) => cosine(...(await Promise.all([directionOf(one), directionOf(other)])))),
    );
  const [alike, different] = await Promise.all([cosines(HELD_OUT.alike), cosines(HELD_OUT.different)]);
  process.stdout.write(`${embedding.model}: of ${alike.length} paraphrases and ${different.length} other pairs\n`);
  process.stdout.write('at least  found  mistaken\n');
  for (let hundredths = 20; hundredths <= 95; hundredths += 5) {
    const least = hundredths / 100;
    const [found, mistaken] = [alike, different].map((all) => all.filter((each) => each >= least).length);
    process.stdout.write(`${least.toFixed(2).padEnd(8)}  ${String(found).padEnd(5)}  ${mistaken}\n`);
  }
  await pool.close();
}

function cosine(one: readonly number[], other: readonly number[]): number {
  const product = one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
  return product / (Math.hypot(...one) * Math.hypot(...other));
}

await main();
