import { isoOf } from './dump-tables.ts';

/** However deep in whatever JSON: references to assets are written alike everywhere. */
const URI = /asset:([0-9a-f]{64})/g;
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/;

/** An upload's row is written before its bytes arrive: so young, they may be under way. */
const ARRIVING_MS = 60 * 60_000;

/** Which objects the rows name, and how old the newest of those rows is. */
export class AssetNames {
  readonly #newest = new Map<string, number>();

  noteRow(table: string, row: Record<string, string | null>, line: string): void {
    const names = [...line.matchAll(URI)].map(([, sha256]) => sha256 as string);
    const at = Math.max(0, ...Object.values(row).map(timeOf));
    if (table === 'assets' && row['sha256'] != null && Date.now() - at > ARRIVING_MS) names.push(row['sha256']);
    if (names.length === 0) return;
    for (const sha256 of names) this.note(sha256, at);
  }

  note(sha256: string, atMs: number): void {
    this.#newest.set(sha256, Math.max(atMs, this.#newest.get(sha256) ?? 0));
  }

  has(sha256: string): boolean {
    return this.#newest.has(sha256);
  }

  [Symbol.iterator](): IterableIterator<[sha256: string, newestMs: number]> {
    return this.#newest.entries();
  }
}

const timeOf = (value: string | null): number => (value !== null && TIME.test(value) ? Date.parse(isoOf(value)) : 0);
