import { customType } from 'drizzle-orm/pg-core';

/** pgvector's, of any number of dimensions: each row's model says how many. */
export const vector = customType<{ data: number[]; driverData: string }>({
  dataType: () => 'vector',
  toDriver: vectorText,
  fromDriver: (text) => JSON.parse(text) as number[],
});

/** As pgvector reads it. */
export function vectorText(values: readonly number[]): string {
  return `[${values.join(',')}]`;
}
