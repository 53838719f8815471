import type { oas31 } from 'zod-openapi';
import { escaped } from './escaped.ts';
import { type Field, fieldsOf, type FieldSchema, fieldTable } from './field-table.ts';

type Document = oas31.OpenAPIObject;

/** The API as one page without a script: what openapi.json says, for people. */
export function docsPage(document: Document): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [operationHtml(`${method.toUpperCase()} ${path}`, operation, document.components?.schemas ?? {})];
    }),
  );
  const schemas = Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => schemaHtml(name, schema));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(document.info.title)}</title>
<style>${STYLE}</style>
<h1>${escaped(document.info.title)}</h1>
<p>${escaped(document.info.description ?? '')} Machine-readable: <a href="/openapi.json">/openapi.json</a>.</p>
<h2>Routes</h2>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>`;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f4f4f6;padding:.75rem;overflow:auto;border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ddd}
details{border:1px solid #ddd;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}summary{cursor:pointer}
@media(prefers-color-scheme:dark){body{color:#eee;background:#17171a}pre{background:#232327}details{border-color:#444}a{color:#9bf}}`;

const parameterField = ({ name, schema, required, description, in: place }: oas31.ParameterObject): Field => ({
  name,
  schema: (schema ?? {}) as FieldSchema,
  required: required === true,
  description: [`In the ${place}.`, description ?? (schema as FieldSchema | undefined)?.description ?? '']
    .join(' ')
    .trim(),
});

type Schemas = Record<string, unknown>;

/** The fields of a JSON body, and of what it is made of, with an example that can be sent. */
function bodyHtml(body: oas31.ContentObject, schemas: Schemas): string {
  const named = schemas[refName(body['application/json']) ?? ''] as FieldSchema | undefined;
  if (named === undefined) return '';
  const parts = [...JSON.stringify(named.properties).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name = '']) => name,
  );
  const tables = [...new Set(parts)].map(
    (name) => `<h4>${escaped(name)}</h4>${fieldTable(fieldsOf(schemas[name] as FieldSchema))}`,
  );
  const example = named.example === undefined ? '' : `<pre>${escaped(JSON.stringify(named.example, null, 2))}</pre>`;
  return `<p>null in an optional field means that it is not given.</p>${fieldTable(fieldsOf(named))}${tables.join('')}${example}`;
}

const refName = (media: oas31.MediaTypeObject | undefined): string | undefined =>
  media?.schema !== undefined && '$ref' in media.schema ? media.schema.$ref?.split('/').at(-1) : undefined;

function operationHtml(title: string, operation: oas31.OperationObject, schemas: Schemas): string {
  const parameters = (operation.parameters ?? []).filter((parameter) => 'name' in parameter);
  const answers = Object.entries((operation.responses ?? {}) as Record<string, oas31.ResponseObject>).map(
    ([status, response]) =>
      `<li><b>${status}</b> ${escaped(response.description ?? '')} ${schemaLinks(response.content)}</li>`,
  );
  const body =
    operation.requestBody !== undefined && 'content' in operation.requestBody
      ? operation.requestBody.content
      : undefined;
  return `<details><summary><code>${escaped(title)}</code> ${escaped(operation.summary ?? '')}</summary>
<p>${escaped(operation.description ?? '')}</p>
${parameters.length === 0 ? '' : `<h4>Parameters</h4>${fieldTable(parameters.map(parameterField))}`}
${body === undefined ? '' : `<h4>Body</h4><p>${schemaLinks(body)}</p>${bodyHtml(body, schemas)}`}
<h4>Answers</h4><ul>${answers.join('')}</ul></details>`;
}

function schemaLinks(content: oas31.ContentObject | undefined): string {
  return Object.entries(content ?? {})
    .map(([type, media]) => {
      const name = refName(media);
      const link = name === undefined ? '' : ` <a href="#${escaped(name)}">${escaped(name)}</a>`;
      return `<code>${escaped(type)}</code>${link}`;
    })
    .join(', ');
}

const schemaHtml = (name: string, schema: unknown): string =>
  `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`;
