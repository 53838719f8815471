import { DatabaseUnavailable } from '../../src/database/errors.ts';

const LIMIT_MS = 240_000;

/** As the product's own processes do: a database that is too busy for its deadlines is asked again. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + LIMIT_MS; ;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || Date.now() > end) throw error;
    }
  }
}
