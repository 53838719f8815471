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

/** Longer lists of values are left to the schema. */
const SHOWN_VALUES = 50;

export const fieldsOf = ({ properties = {}, required = [] }: FieldSchema): Field[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));

/** Fields with their values and defaults, a row for each, in Markdown. */
export function fieldTable(fields: Field[]): string {
  const rows = fields.map(({ name, schema, required, description }) =>
    row([
      `\`${name}\``,
      valuesText(schema),
      required ? 'required' : defaultText(schema.default),
      description ?? schema.description ?? '',
    ]),
  );
  return [row(['field', 'values', 'default', '']), row(['---', '---', '---', '---']), ...rows].join('\n');
}

/** A bar or a line break would end a cell. */
const row = (cells: string[]): string =>
  `| ${cells.map((cell) => cell.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ')} |`;

const defaultText = (value: unknown): string => (value == null ? 'none' : `\`${shown(value)}\``);

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a field takes. That null means "not given" is said once, not in every row. */
function valuesText(schema: FieldSchema): string {
  const kinds = (schema.anyOf ?? [schema]).filter(({ type }) => type !== 'null');
  return kinds.map(kindText).join(' or ');
}

function kindText({ $ref, type, enum: values, items, ...bounds }: FieldSchema): string {
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (values !== undefined) return listed(values);
  if (bounds.const !== undefined) return listed([bounds.const]);
  if (items !== undefined) return `list of ${valuesText(items)}${within(undefined, bounds.maxItems)}`;
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

const listed = (values: unknown[]): string =>
  values.length > SHOWN_VALUES ? `${values.length} values` : values.map((value) => `\`${shown(value)}\``).join(' ');
