import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database, type DatabaseTarget } from '../../src/database/database.ts';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import { TABLES } from '../../src/database/tables.ts';
import type { AssetStore } from '../../src/store/asset-store.ts';
import { openAssetStore } from '../../src/store/open-asset-store.ts';
import type { S3Settings } from '../../src/store/s3-client.ts';
import { DatabaseProcess } from '../database/database-process.ts';
import { until } from '../until.ts';
import { freePort, startPostgres } from '../database/postgres-server.ts';

const CONFIG = fileURLToPath(new URL('../../config', import.meta.url));
const CACHE_BYTES = 1024 * 1024;

/** Where a product has its state: a database, a data folder, a configuration. Empty at first. */
export interface Place {
  dataDir: string;
  configDir: string;
  target: DatabaseTarget;
  /** What a process of the product needs in its environment to work here. */
  environment: Record<string, string>;
  assets: AssetStore;
  /** Migrated, and up until `rest`. */
  serve(): Promise<Database>;
  /** Nobody uses the database any more. */
  rest(): Promise<void>;
}

export interface Places {
  open(s3?: S3Settings): Promise<Place>;
  stop(): Promise<void>;
}

export const embeddedPlaces = (): Promise<Places> => placesOn(null);
export const postgresPlaces = async (): Promise<Places> => placesOn(await startPostgres());

async function placesOn(server: Awaited<ReturnType<typeof startPostgres>> | null): Promise<Places> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-backup-'));
  const opened: Place[] = [];
  // Nobody is there: the runs of these tests are told of by rows alone.
  const temporal = `127.0.0.1:${await freePort()}`;
  return {
    open: async (s3) => {
      const url = server === null ? null : await server.createDatabase();
      const place = await openPlace(mkdtempSync(path.join(folder, 'place-')), { url, temporal, s3: s3 ?? null });
      opened.push(place);
      return place;
    },
    stop: async () => {
      for (const place of opened) await place.rest();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPlace(
  folder: string,
  { url, temporal, s3 }: { url: string | null; temporal: string; s3: S3Settings | null },
): Promise<Place> {
  const [dataDir, configDir] = [path.join(folder, 'data'), path.join(folder, 'config')];
  cpSync(CONFIG, configDir, { recursive: true });
  const target: DatabaseTarget = url === null ? { kind: 'embedded', dataDir } : { kind: 'postgres', url };
  const store = { dataDir, s3, assetCacheBytes: CACHE_BYTES };
  let program: DatabaseProcess | null = null;
  let database: Database | null = null;
  return {
    ...{ dataDir, configDir, target },
    environment: {
      ...{ DATABASE_URL: url ?? '', DATA_DIR: dataDir, CONFIG_DIR: configDir, TEMPORAL_ADDRESS: temporal },
      ...(s3 === null ? {} : s3Environment(s3)),
    },
    assets: await openAssetStore(store),
    serve: async () => {
      if (database !== null) return database;
      if (url === null) {
        program = new DatabaseProcess(dataDir);
        await program.listening();
      }
      const opened = new Database(target);
      database = opened;
      // On a busy machine its very first answer may take longer than a query waits.
      await until('it answers', () => opened.ready().then(() => true, isUp));
      return opened;
    },
    rest: async () => {
      await database?.close();
      await program?.end('SIGTERM');
      [database, program] = [null, null];
    },
  };
}

const s3Environment = (s3: S3Settings): Record<string, string> => ({
  ...{ S3_BUCKET: s3.bucket, S3_ENDPOINT: s3.endpoint ?? '', S3_REGION: s3.region, S3_PREFIX: s3.prefix },
  ...{
    S3_ACCESS_KEY_ID: s3.credentials?.accessKeyId ?? '',
    S3_SECRET_ACCESS_KEY: s3.credentials?.secretAccessKey ?? '',
  },
  S3_FORCE_PATH_STYLE: String(s3.forcePathStyle),
});

function isUp(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return false;
  throw error;
}

/** All rows as PostgreSQL prints them, by table. */
export async function allRows(database: Database): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name } of TABLES) {
    const { rows } = await database.session((session) =>
      session.query(`select t::text as row from "${name}" t order by 1`),
    );
    found[name] = rows.map(({ row }) => String(row));
  }
  return found;
}
