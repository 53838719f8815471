import { Refusal, type IncomingCall } from '../call.ts';

/** Keys with a meaning of their own; any other key that is not empty is accepted. */
const INVALID_KEY = 'invalid-key';
const OVERDUE_KEY = 'overdue-key';

export type JsonObject = Record<string, unknown>;

/** Of calls without a body this is all that is checked beforehand. */
export function passKey({ headers }: IncomingCall): string {
  const key = /^Bearer +(\S+)$/.exec(headers.authorization ?? '')?.[1];
  if (!key || key === INVALID_KEY) throw new Refusal({ code: 'AuthenticationError' });
  return key;
}

/** The order seen on the real service: key, then model, then account; parameters are checked after this. */
export function passGate<Model>(
  call: IncomingCall,
  findModel: (id: string) => Model | undefined,
): { body: JsonObject; modelId: string; model: Model } {
  const key = passKey(call);

  const body = parseObject(call.body);
  const modelId = body.model;
  if (modelId === undefined) throw missing('model');
  const model = typeof modelId === 'string' ? findModel(modelId) : undefined;
  if (model === undefined) {
    const message = `The model or endpoint ${String(modelId)} does not exist or you do not have access to it.`;
    throw new Refusal({ code: 'InvalidEndpointOrModel.NotFound', message });
  }

  if (key === OVERDUE_KEY) throw new Refusal({ code: 'AccountOverdueError' });
  return { body, modelId: modelId as string, model };
}

function parseObject(bytes: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    // The vendor's own SDK sends null for what its caller left out.
    if (isObject(value)) return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
  } catch {
    // Answered below, as for any other body that is no JSON object.
  }
  throw invalid('', 'The request body is not a valid JSON object.');
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function missing(param: string): Refusal {
  const message = `The request failed because it is missing \`${param}\` parameter.`;
  return new Refusal({ code: 'MissingParameter', message, param });
}

export function invalid(param: string, message: string): Refusal {
  return new Refusal({ code: 'InvalidParameter', message, param });
}

export function checkInteger(
  body: JsonObject,
  param: string,
  [low, high]: readonly [number, number],
): number | undefined {
  const value = body[param];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number;
  throw invalid(param, `The parameter \`${param}\` specified in the request is not valid: ${low} to ${high} expected.`);
}

export function checkNumber(body: JsonObject, param: string, [low, high]: readonly [number, number]): void {
  const value = body[param];
  if (value === undefined || value === null) return;
  if (typeof value === 'number' && value >= low && value <= high) return;
  throw invalid(param, `The parameter \`${param}\` specified in the request is not valid: ${low} to ${high} expected.`);
}

export function checkBoolean(body: JsonObject, param: string, fallback: boolean): boolean {
  const value = body[param] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw invalid(param, `The parameter \`${param}\` specified in the request is not valid: a boolean expected.`);
}

export function checkChoice(body: JsonObject, param: string, choices: readonly string[], fallback: string): string {
  const value = body[param] ?? fallback;
  if (typeof value === 'string' && choices.includes(value)) return value;
  throw invalid(
    param,
    `The parameter \`${param}\` specified in the request is not valid: ${choices.join(', ')} expected.`,
  );
}
