/** What a document is made from: a storyboard, or the part of one that was asked about. */
export interface Told {
  title: string;
  language: 'zh' | 'en';
  style: string;
  subject: string;
  look: string;
  durationSeconds: number;
  keywords: readonly string[];
  scenes: readonly ToldScene[];
}

export interface ToldScene {
  id: string;
  /** From 1. */
  number: number;
  idea: string;
  /** Null where there is nothing to say: the field is then null, if it may be. */
  narration: string | null;
  imagePrompt: string | null;
  onScreenText: string | null;
}

/** As much of JSON Schema as strict structured output allows. */
export interface JsonSchema {
  type?: string | readonly string[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  prefixItems?: readonly JsonSchema[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  pattern?: string;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  definitions?: Record<string, JsonSchema>;
}

interface Place {
  root: JsonSchema;
  story: Told;
  name: string;
  /** Which scene an entry of a list is about. */
  scene: number | undefined;
  depth: number;
}

/** A schema that contains itself is followed no further than this. */
const MAX_DEPTH = 32;

/** A document that is valid for the schema and tells the story, whatever its fields are called. */
export function fillSchema(schema: JsonSchema, story: Told): unknown {
  return fill(schema, { root: schema, story, name: '', scene: undefined, depth: 0 });
}

function fill(given: JsonSchema, place: Place): unknown {
  const schema = resolve(given, place.root);
  if (place.depth > MAX_DEPTH) return null;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return fittingChoice(schema.enum, place);
  switch (typeOf(schema)) {
    case 'object':
      return fillObject(schema, place);
    case 'array':
      return fillArray(schema, place);
    case 'integer':
    case 'number':
      return fillNumber(schema, place);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return wording(place) === null && allowsNull(given) ? null : fillString(schema, place);
  }
}

const allowsNull = ({ type, anyOf, oneOf }: JsonSchema): boolean =>
  [type ?? []].flat().includes('null') || [...(anyOf ?? []), ...(oneOf ?? [])].some((option) => option.type === 'null');

function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    const target = schema.$ref === '#' ? root : (root.$defs?.[name] ?? root.definitions?.[name]);
    return target ? resolve(target, root) : {};
  }
  const options = schema.anyOf ?? schema.oneOf;
  // Of "this or null" the thing itself is the better answer.
  const chosen = options?.find((option) => option.type !== 'null');
  if (chosen) return resolve({ ...schema, anyOf: undefined, oneOf: undefined, ...chosen } as JsonSchema, root);
  if (schema.allOf) return schema.allOf.reduce<JsonSchema>((all, part) => ({ ...all, ...resolve(part, root) }), {});
  return schema;
}

function typeOf(schema: JsonSchema): string {
  const types = [schema.type ?? []].flat();
  if (types.length > 0) return types.find((type) => type !== 'null') ?? 'null';
  if (schema.properties) return 'object';
  return schema.items ? 'array' : 'string';
}

function fillObject(schema: JsonSchema, place: Place): Record<string, unknown> {
  const entries = Object.entries(schema.properties ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, fill(value, { ...place, name, depth: place.depth + 1 })]),
  );
}

function fillArray(schema: JsonSchema, place: Place): unknown[] {
  const items = schema.items ?? {};
  const ofScenes = place.scene === undefined && isAboutScenes(resolve(items, place.root), place.name);
  const natural = ofScenes ? place.story.scenes.length : 3;
  const count = Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? Infinity, natural));
  return Array.from({ length: count }, (_, index) => {
    const scene = place.scene ?? (ofScenes ? index % place.story.scenes.length : undefined);
    const keyword = place.story.keywords[index % place.story.keywords.length] ?? '';
    const item = fill(items, { ...place, scene, depth: place.depth + 1 });
    return !ofScenes && typeof item === 'string' ? fitted(keyword, resolve(items, place.root)) : item;
  });
}

function isAboutScenes(items: JsonSchema, name: string): boolean {
  return typeOf(items) === 'object' || /scene|narration|line|shot|script|prompt/i.test(name);
}

function fillNumber(schema: JsonSchema, { name, scene, story }: Place): number {
  const wanted = /duration|second|length/i.test(name)
    ? story.durationSeconds / (scene === undefined ? 1 : story.scenes.length)
    : (story.scenes[scene ?? 0]?.number ?? 1);
  const step = schema.multipleOf ?? (typeOf(schema) === 'integer' ? 1 : 0.1);
  const low = schema.minimum ?? (schema.exclusiveMinimum === undefined ? -Infinity : schema.exclusiveMinimum + step);
  const high = schema.maximum ?? (schema.exclusiveMaximum === undefined ? Infinity : schema.exclusiveMaximum - step);
  const stepped = Math.round(wanted / step) * step;
  return Number(Math.max(low, Math.min(high, stepped)).toFixed(6));
}

/** The last picture of a film that has more than two stands still: where a story closes, nothing happens any more. */
const standsStill = ({ name, scene, story }: Place): boolean =>
  name === 'shot' && story.scenes.length > 2 && scene === story.scenes.length - 1;

function fittingChoice(choices: readonly unknown[], place: Place): unknown {
  const { name, story } = place;
  if (standsStill(place) && choices.includes('still')) return 'still';
  const saysLanguage = /lang|locale/i.test(name);
  const own = choices.find((choice) => typeof choice === 'string' && saysLanguage && choice.startsWith(story.language));
  return own ?? choices[0];
}

function fillString(schema: JsonSchema, place: Place): string {
  const text = wording(place) ?? place.story.title;
  if (schema.pattern === undefined) return fitted(text, schema);
  const pattern = new RegExp(schema.pattern, 'u');
  const plain = [
    text,
    place.story.language,
    '9:16',
    '#3366cc',
    '1',
    'a',
    'story',
    '2026-01-01',
    `${place.story.durationSeconds}s`,
  ];
  return plain.find((candidate) => pattern.test(candidate)) ?? fitted(text, schema);
}

/** The first name that fits decides what a string says. */
const WORDINGS: readonly [RegExp, (story: Told, scene: ToldScene) => string | null][] = [
  [/lang|locale/i, (story) => story.language],
  [/^(scene|id)$/i, (_, scene) => scene.id],
  [/on_?screen|overlay/i, (_, scene) => scene.onScreenText],
  [/^subject|character/i, (story) => story.subject],
  [/^look$/i, (story) => story.look],
  [/reason/i, (_, scene) => scene.idea],
  [/image|visual|picture|prompt|shot|画面/i, (_, scene) => scene.imagePrompt],
  [/narration|voice|script|speech|line|caption|subtitle|text|content|旁白/i, (_, scene) => scene.narration],
  [/keyword|tag/i, (story) => story.keywords[0] ?? ''],
  [/style|mood|tone/i, (story) => story.style || (story.language === 'zh' ? '温暖明亮' : 'warm and bright')],
  [/hook/i, (story) => story.scenes[0]?.narration ?? story.title],
  [
    /summary|description|synopsis/i,
    (story) => story.scenes.map((scene) => scene.idea).join(story.language === 'zh' ? '、' : ', '),
  ],
];

function wording({ name, scene, story }: Place): string | null {
  const { title } = story;
  const whole = { id: 's1', number: 1, idea: title, narration: title, imagePrompt: title, onScreenText: null };
  const about = story.scenes[scene ?? 0] ?? whole;
  const worded = WORDINGS.find(([pattern]) => pattern.test(name))?.[1];
  return worded ? worded(story, about) : scene === undefined ? title : about.idea;
}

function fitted(text: string, { minLength = 0, maxLength = Infinity }: JsonSchema): string {
  let points = [...(text || '-')];
  while (points.length < minLength) points = [...points, ...(text || '-')];
  return points.slice(0, maxLength).join('');
}
