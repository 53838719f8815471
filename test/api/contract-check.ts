import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { openApiDocument } from '../../src/api/openapi.ts';

const document = openApiDocument() as unknown as {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }> }>
  >;
  components: { schemas: Record<string, unknown> };
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ $id: 'openapi', ...document });

const compiled = new Map<string, ValidateFunction>();
function validator(ref: string): ValidateFunction {
  const known = compiled.get(ref) ?? ajv.compile({ $ref: `openapi${ref}` });
  compiled.set(ref, known);
  return known;
}

/** An answer whose status or body openapi.json does not know fails the test that got it. */
export function checkAgainstContract(method: string, at: string, answer: { status: number; json: unknown }): void {
  const pathname = new URL(at, 'http://x').pathname
    .replace(/^(\/api\/v1\/(videos|assets|webhooks\/dead-letters))\/[^/]+/, '$1/{id}')
    .replace(/^\/docs\/[^/]+$/, '/docs/{file}');
  const operation = document.paths[pathname]?.[method.toLowerCase()];
  const response = operation?.responses[String(answer.status)];
  const undocumented = operation === undefined;
  // Every path answers what is not there, in the same shape.
  const ref = undocumented ? '#/components/schemas/Error' : response?.content?.['application/json']?.schema.$ref;
  assert.ok(undocumented || response !== undefined, `${method} ${pathname}: ${answer.status} is not documented`);
  if (answer.json === null || ref === undefined) return;
  const validate = validator(ref);
  assert.ok(
    validate(answer.json),
    `${method} ${pathname} ${answer.status}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(answer.json)}`,
  );
}
