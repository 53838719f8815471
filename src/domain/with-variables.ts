const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The same value with every `${NAME}` in its strings replaced by that variable. `missing` says what one that is not set means. */
export function withVariables<T>(
  value: T,
  env: Record<string, string | undefined>,
  missing: (name: string) => never,
): T {
  if (typeof value === 'string') return value.replace(VARIABLE, (_, name: string) => env[name] || missing(name)) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => withVariables(each, env, missing)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withVariables(each, env, missing)])) as T;
}
