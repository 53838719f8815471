import { customType } from 'drizzle-orm/pg-core';

// The query builder's own json columns parse a second time what the driver has parsed: a text that happens to be JSON,
// such as a chat model's answer, would come back as something else.

const column = (type: 'json' | 'jsonb') =>
  customType<{ data: unknown; driverData: unknown }>({
    dataType: () => type,
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value,
  });

/** Kept to the letter; takes every text that JSON.stringify writes. */
export const json = column('json');

/** Can be searched; refuses \u0000 and half surrogates. */
export const jsonb = column('jsonb');
