import type { oas31 } from 'zod-openapi';
import { type Field, fieldsOf, type FieldSchema, fieldTable } from './field-table.ts';

type Document = oas31.OpenAPIObject;
type Schemas = Record<string, unknown>;

/** The API as one page of Markdown: what openapi.json says, for people and for programs that read prose. */
export function docsMarkdown(document: Document): string {
  const schemas: Schemas = document.components?.schemas ?? {};
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [operationText(`${method.toUpperCase()} ${path}`, operation, schemas)];
    }),
  );
  return [
    `# ${document.info.title}`,
    `${document.info.description ?? ''} Machine-readable: [/openapi.json](/openapi.json); to try out: [/docs](/docs).`,
    'null in an optional field means that it is not given.',
    '## Routes',
    ...operations,
    '## Schemas',
    ...Object.entries(schemas).map(([name, schema]) => schemaText(name, schema as FieldSchema)),
    '',
  ].join('\n\n');
}

const parameterField = ({ name, schema, required, description, in: place }: oas31.ParameterObject): Field => ({
  name,
  schema: (schema ?? {}) as FieldSchema,
  required: required === true,
  description: [`In the ${place}.`, description ?? (schema as FieldSchema | undefined)?.description ?? '']
    .join(' ')
    .trim(),
});

function operationText(title: string, operation: oas31.OperationObject, schemas: Schemas): string {
  const parameters = (operation.parameters ?? []).filter((parameter) => 'name' in parameter);
  const answers = Object.entries((operation.responses ?? {}) as Record<string, oas31.ResponseObject>).map(
    ([status, { description, content }]) => `- **${status}** ${description ?? ''} ${contentText(content)}`.trim(),
  );
  const body = operation.requestBody !== undefined && 'content' in operation.requestBody ? operation.requestBody : null;
  return [
    `### ${title}`,
    [operation.summary, operation.description].filter((text) => text !== undefined).join('. '),
    ...(parameters.length === 0 ? [] : [fieldTable(parameters.map(parameterField))]),
    ...(body === null ? [] : [`Body: ${contentText(body.content)}`, ...exampleOf(body.content, schemas)]),
    answers.join('\n'),
  ].join('\n\n');
}

function exampleOf(content: oas31.ContentObject, schemas: Schemas): string[] {
  const { example } = (schemas[refName(content['application/json']) ?? ''] ?? {}) as FieldSchema;
  return example === undefined ? [] : [fenced(example)];
}

const refName = (media: oas31.MediaTypeObject | undefined): string | undefined =>
  media?.schema !== undefined && '$ref' in media.schema ? media.schema.$ref?.split('/').at(-1) : undefined;

const contentText = (content: oas31.ContentObject | undefined): string =>
  Object.entries(content ?? {})
    .map(([type, media]) => {
      const name = refName(media);
      return `\`${type}\`${name === undefined ? '' : ` [${name}](#${name.toLowerCase()})`}`;
    })
    .join(', ');

const schemaText = (name: string, schema: FieldSchema): string =>
  [
    `### ${name}`,
    ...(schema.description === undefined ? [] : [schema.description]),
    schema.properties === undefined ? fenced(schema) : fieldTable(fieldsOf(schema)),
  ].join('\n\n');

const fenced = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
