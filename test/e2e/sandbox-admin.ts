import assert from 'node:assert/strict';
import type { RouteName } from '../../sandbox/call.ts';
import type { FaultRule } from '../../sandbox/faults.ts';
import type { Arrival, LedgerLine } from '../../sandbox/ledger.ts';

/** The far side: what the paid services were asked, what they billed, and how they fail next. */
export class Sandbox {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** An empty ledger, and these faults from now on. */
  async reset(faults: FaultRule[] = []): Promise<void> {
    const cleared = await fetch(`${this.#url}/__sandbox/ledger`, { method: 'DELETE' });
    const replaced = await fetch(`${this.#url}/__sandbox/faults`, { method: 'PUT', body: JSON.stringify(faults) });
    assert.deepEqual([cleared.status, replaced.status], [204, 200], await replaced.text());
  }

  /** These faults from now on; what was billed stays. */
  async faults(rules: FaultRule[]): Promise<void> {
    const replaced = await fetch(`${this.#url}/__sandbox/faults`, { method: 'PUT', body: JSON.stringify(rules) });
    assert.equal(replaced.status, 200, await replaced.text());
  }

  /** What a fault's delay holds back goes on now. */
  async release(): Promise<void> {
    const released = await fetch(`${this.#url}/__sandbox/delays`, { method: 'DELETE' });
    assert.equal(released.status, 204);
  }

  async ledger(): Promise<{ lines: LedgerLine[]; arrived: Arrival[] }> {
    return (await fetch(`${this.#url}/__sandbox/ledger`)).json() as Promise<{
      lines: LedgerLine[];
      arrived: Arrival[];
    }>;
  }

  /** Billed calls of one kind. */
  async billed(kind: LedgerLine['kind']): Promise<LedgerLine[]> {
    return (await this.ledger()).lines.filter((line) => line.kind === kind);
  }

  /** Requests that have arrived, answered or not. */
  async arrived(route: RouteName): Promise<Arrival[]> {
    return (await this.ledger()).arrived.filter((arrival) => arrival.route === route);
  }
}
