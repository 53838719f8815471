import { escaped } from './escaped.ts';

/** As much of JSON Schema as our own document uses. */
export interface FieldSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: FieldSchema[];
  items?: FieldSchema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  properties?: Record<string, FieldSchema>;
  required?: string[];
  example?: unknown;
}

export interface Field {
  name: string;
  schema: FieldSchema;
  required: boolean;
  description?: string | undefined;
}

/** Longer lists of values are folded away. */
const SHOWN_VALUES = 12;

export const fieldsOf = ({ properties = {}, required = [] }: FieldSchema): Field[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));

/** Fields with their values and defaults, a row for each. */
export function fieldTable(fields: Field[]): string {
  const rows = fields.map(({ name, schema, required, description }) =>
    [
      `<code>${escaped(name)}</code>`,
      valuesHtml(schema),
      required ? 'required' : defaultHtml(schema.default),
      escaped(description ?? schema.description ?? ''),
    ]
      .map((cell) => `<td>${cell}</td>`)
      .join(''),
  );
  return `<table><tr><th>field</th><th>values</th><th>default</th><th></th></tr>${rows.map((row) => `<tr>${row}</tr>`).join('\n')}</table>`;
}

const defaultHtml = (value: unknown): string => (value == null ? 'none' : `<code>${escaped(shown(value))}</code>`);

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a field takes. That null means "not given" is said once, not in every row. */
function valuesHtml(schema: FieldSchema): string {
  const kinds = (schema.anyOf ?? [schema]).filter(({ type }) => type !== 'null');
  return kinds.map(kindHtml).join(' or ');
}

function kindHtml({ $ref, type, enum: values, items, ...bounds }: FieldSchema): string {
  if ($ref !== undefined) {
    const name = escaped($ref.split('/').at(-1) ?? '');
    return `<a href="#${name}">${name}</a>`;
  }
  if (values !== undefined) return listed(values);
  if (bounds.const !== undefined) return listed([bounds.const]);
  if (items !== undefined) return `list of ${valuesHtml(items)}${within(undefined, bounds.maxItems)}`;
  const word =
    [type]
      .flat()
      .filter((each) => each !== 'null')
      .join(', ') || 'any';
  const least = bounds.minimum ?? bounds.minLength;
  const above = bounds.exclusiveMinimum === undefined ? '' : `, above ${bounds.exclusiveMinimum}`;
  const most = bounds.maximum === Number.MAX_SAFE_INTEGER ? undefined : (bounds.maximum ?? bounds.maxLength);
  return `${word}${above}${within(least === Number.MIN_SAFE_INTEGER ? undefined : least, most)}`;
}

function within(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}`;
  if (most !== undefined) return `, at most ${most}`;
  return least === undefined ? '' : `, at least ${least}`;
}

function listed(values: unknown[]): string {
  const codes = values.map((value) => `<code>${escaped(shown(value))}</code>`).join(' ');
  return values.length <= SHOWN_VALUES
    ? codes
    : `<details><summary>${values.length} values</summary>${codes}</details>`;
}
