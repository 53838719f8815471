import { ConfigError, loadConfig } from '../config.ts';
import { serveEmbedded } from './embedded/embedded-database.ts';
import { DatabaseSetupError, MigrationError } from './errors.ts';

/** The embedded database as a process of its own: one line on stdout when it serves, an end without loss on SIGTERM. */
async function main(): Promise<void> {
  // From the first moment: whoever reads that it listens may end it at once.
  const told = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const { dataDir, cacheDir } = loadConfig();
  const database = await serveEmbedded({ dataDir, cacheDir });
  process.stdout.write(`${JSON.stringify({ listening: database.folder })}\n`);
  await Promise.race([told, database.broken]);
  await database.close();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const expected = [ConfigError, DatabaseSetupError, MigrationError].some((known) => error instanceof known);
  const { message, stack = message } = error as Error;
  process.stderr.write(`database: ${expected ? message : stack}\n`);
  process.exit(1);
}
