import { grouped } from './grouped.ts';
import type { Window } from './nemesis.ts';
import { COMPLETED, type Order } from './orders.ts';
import { columns } from '../columns.ts';

const FILMS = ['success', 'partial', COMPLETED];

export interface Report {
  seed: number;
  seconds: number;
  orders: readonly Order[];
  windows: readonly Window[];
  checks: { name: string; checked: number; violations: string[] }[];
  billed: number;
}

export const isKept = ({ checks }: Report): boolean => checks.every(({ violations }) => violations.length === 0);

/** The campaign as a table: what struck, what was ordered, and which promises were kept. */
export function tableOf(report: Report): string {
  const { seed, seconds, orders, windows, checks, billed } = report;
  const statuses = counted(orders.map(({ status }) => status ?? 'not accepted'));
  const lines = [
    `seed ${seed}, ${seconds.toFixed(0)} s, ${orders.length} orders (${statuses}), ${billed} billed calls`,
    '',
    ...columns(
      ['strikes', 'fault'],
      [...grouped(windows, ({ fault }) => fault)].map(([fault, struck]) => [`${struck.length}`, fault]),
    ),
    '',
    ...columns(
      ['kept', 'checked', 'promise'],
      checks.map(({ name, checked, violations }) => [
        violations.length === 0 ? 'yes' : `NO: ${violations.length}`,
        `${checked}`,
        name,
      ]),
    ),
    ...checks.flatMap(({ name, violations }) =>
      violations.length === 0 ? [] : ['', `${name}:`, ...violations.map((violation) => `  - ${violation}`)],
    ),
    ...(orders.some(({ status }) => FILMS.includes(status ?? ''))
      ? []
      : ['', 'No film was delivered: less would have said more.']),
    '',
    isKept(report)
      ? 'Every promise was kept.'
      : `A promise was broken. The same strikes again: npm run chaos -- --seed ${seed}`,
  ];
  return lines.join('\n');
}

const counted = (names: string[]): string =>
  [...grouped(names, (name) => name)].map(([name, of]) => `${of.length} ${name}`).join(', ');
