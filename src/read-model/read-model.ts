import type { Database } from '../database/database.ts';
import { LocalBell, RedisBell, type Bell } from './bell.ts';

/** What it takes to write the read model: where it is, and how others learn that there is something new. */
export interface ReadModel {
  database: Database;
  bell: Bell;
}

/** `onRedisFault` hears when Redis goes away, once until it is back; events are found a little later then. */
export function createReadModel(
  database: Database,
  { redisUrl, onRedisFault = () => {} }: { redisUrl: string | null; onRedisFault?: (code: string) => void },
): ReadModel {
  return { database, bell: redisUrl === null ? new LocalBell() : new RedisBell(redisUrl, onRedisFault) };
}
