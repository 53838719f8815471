import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { PermanentError } from '../domain/errors.ts';
import { Purchase, type PurchaseKey } from '../domain/purchase.ts';
import type { PurchaseStore } from './purchase-store.ts';

/** Purchases as files, one per attempt: `ledger/<tenant>/<video>/<scene>.<purpose>.<attempt>.json`. */
export class FolderPurchaseStore implements PurchaseStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async find(key: PurchaseKey): Promise<Purchase[]> {
    const prefix = `${stem(key)}.`;
    return this.#read(this.#videoDir(key.tenant, key.videoId), (name) => name.startsWith(prefix));
  }

  async list(tenant: string, videoId: string): Promise<Purchase[]> {
    return this.#read(this.#videoDir(tenant, videoId), () => true);
  }

  async write(purchase: Purchase): Promise<void> {
    const dir = this.#videoDir(purchase.key.tenant, purchase.key.videoId);
    await mkdir(dir, { recursive: true });
    const temp = path.join(dir, `.${randomUUID()}`);
    const file = await open(temp, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(purchase));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, path.join(dir, `${stem(purchase.key)}.${purchase.attempt}.json`));
    const folder = await open(dir, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #read(dir: string, wanted: (name: string) => boolean): Promise<Purchase[]> {
    const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const files = names.filter((name) => name.endsWith('.json') && wanted(name));
    const purchases = await Promise.all(files.map((name) => this.#readRecord(path.join(dir, name))));
    return purchases.sort((a, b) => a.attempt - b.attempt || a.openedAt.localeCompare(b.openedAt));
  }

  /** Writes are whole or not there, so a record that cannot be read is a damaged disk: no guess is made about money. */
  async #readRecord(file: string): Promise<Purchase> {
    const text = await readFile(file, 'utf8');
    try {
      return Purchase.parse(JSON.parse(text));
    } catch (cause) {
      const record = path.relative(this.#dir, file);
      const remedy = 'restore it from a backup, or remove it if what it bought may be bought again';
      throw new PermanentError('ledger_damaged', `the ledger's record ${record} cannot be read: ${remedy}`, { cause });
    }
  }

  #videoDir(tenant: string, videoId: string): string {
    return path.join(this.#dir, tenant, videoId);
  }
}

const stem = (key: PurchaseKey): string => `${key.sceneId ?? 'film'}.${key.purpose}`;
