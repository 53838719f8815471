import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
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
    const purchases = await Promise.all(
      files.map(async (name) => Purchase.parse(JSON.parse(await readFile(path.join(dir, name), 'utf8')))),
    );
    return purchases.sort((a, b) => a.attempt - b.attempt || a.openedAt.localeCompare(b.openedAt));
  }

  #videoDir(tenant: string, videoId: string): string {
    return path.join(this.#dir, tenant, videoId);
  }
}

const stem = (key: PurchaseKey): string => `${key.sceneId ?? 'film'}.${key.purpose}`;
