/** PostgreSQL's jsonb and text know neither NUL nor half of a surrogate pair; a model's or a provider's words may hold both. */
export function storable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) =>
    typeof each === 'string' ? clean(each) : each,
  ) as T;
}

const clean = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
