import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

// What can be known of docker-compose.temporal.yml without a Docker engine.

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const read = (name: string): string => readFileSync(path.join(project, name), 'utf8');

interface Service {
  image?: string;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
}

const file = parse(read('docker-compose.temporal.yml')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(file.services);
const isJob = (service: Service): boolean => service.healthcheck?.disable === true;

/** The server flags this product counts on, as the one-machine stack passes them to the dev server. */
const FLAGS: Record<string, boolean | number> = {
  'matching.useNewMatcher': true,
  'matching.enableFairness': true,
  'system.enableActivityEagerExecution': true,
  'frontend.WorkerHeartbeatsEnabled': true,
  'frontend.ListWorkersEnabled': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

/** `key=value`, `key: value` and `'key', value` alike, so that the test does not depend on how the stack writes them. */
const FLAG_IN_CODE = /\b((?:matching|frontend|history|system)\.\w+)['"`]?\s*[=:,]\s*['"`]?(true|false|\d+)/g;

function flagsOfTheStack(): Record<string, boolean | number> | null {
  const folder = path.join(project, 'src/stack');
  if (!existsSync(folder)) return null;
  const code = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
  if (!code.includes('matching.useNewMatcher')) return null;
  return Object.fromEntries(
    [...code.matchAll(FLAG_IN_CODE)].map(([, key = '', value = '']) => [key, JSON.parse(value) as boolean | number]),
  );
}

describe('docker-compose.temporal.yml', () => {
  it('is valid by the Compose Specification', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(read('test/deploy/compose-spec.json')) as object);
    assert.ok(validate(file), ajv.errorsText(validate.errors, { separator: '\n' }));
    assert.ok(
      !validate({ services: { temporal: { imagine: 'temporalio/server' } } }),
      'the schema refuses unknown keys',
    );
  });

  it('pins every image', () => {
    for (const [name, { image }] of services) {
      assert.match(image ?? '', /^[\w./-]+:\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$/, `${name} has no exact version`);
    }
  });

  it('runs server and admin tools of one release', () => {
    const release = (name: string): string | undefined =>
      /:(\d+\.\d+\.\d+)/.exec(file.services[name]?.image ?? '')?.[1];
    assert.equal(release('temporal-schema'), release('temporal'));
    assert.equal(release('temporal-namespace'), release('temporal'));
  });

  it('has a health check on every service, and someone who waits for the end of every job', () => {
    for (const [name, service] of services) {
      const waits = services.flatMap(([, other]) => other.depends_on?.[name]?.condition ?? []);
      if (isJob(service)) assert.ok(waits.includes('service_completed_successfully'), `nobody waits for ${name}`);
      else assert.ok((service.healthcheck?.test?.length ?? 0) > 1, `${name} has no health check`);
    }
    assert.deepEqual(
      services.filter(([, service]) => isJob(service)).map(([name]) => name),
      ['temporal-schema', 'temporal-namespace'],
    );
  });

  it('starts in order: a dependency is healthy, or done, before what needs it', () => {
    for (const [name, service] of services) {
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
        const target = file.services[needed];
        assert.ok(target, `${name} needs ${needed}, which is not there`);
        assert.equal(
          condition,
          isJob(target) ? 'service_completed_successfully' : 'service_healthy',
          `${name} → ${needed}`,
        );
      }
    }
  });

  it('publishes on the loopback address only, each port by a variable of its own', () => {
    const published = services.flatMap(([, service]) => service.ports ?? []);
    const parts = published.map((port) => /^127\.0\.0\.1:\$\{([A-Z_]+):-(\d+)\}:\d+$/.exec(port));
    assert.ok(!parts.includes(null), `not all bound: ${published.join(', ')}`);
    for (const index of [1, 2]) assert.equal(new Set(parts.map((part) => part?.[index])).size, published.length);
  });

  it('names every default password as one for development', () => {
    const defaults = [...read('docker-compose.temporal.yml').matchAll(/\$\{(\w*PASSWORD)(?::-([^}]*))?\}/g)];
    assert.ok(defaults.length > 0);
    for (const [, variable, value] of defaults) assert.match(value ?? '', /^development-only-/, variable);
  });

  it('keeps data in named volumes and mounts files of this tree read-only', () => {
    for (const [name, service] of services) {
      for (const mount of service.volumes ?? []) {
        const [source = '', , mode] = mount.split(':');
        if (source.startsWith('./')) {
          assert.ok(existsSync(path.join(project, source)), `${name}: ${source} is not there`);
          assert.equal(mode, 'ro', `${name}: ${source} is writable`);
        } else assert.ok(source in file.volumes, `${name}: volume ${source} is not declared`);
      }
    }
  });

  it('gives the server the same flags as the one-machine stack', () => {
    const dynamic = parse(read('deploy/temporal/dynamicconfig.yaml')) as Record<string, { value: unknown }[]>;
    const flags = Object.fromEntries(
      Object.entries(dynamic).map(([key, rules]) => {
        assert.equal(rules.length, 1, `${key} has one value, without constraints`);
        return [key, rules[0]?.value];
      }),
    );
    assert.deepEqual(flags, FLAGS);
    assert.deepEqual(flagsOfTheStack() ?? FLAGS, FLAGS);

    const { environment, volumes } = file.services['temporal'] ?? {};
    const mounted = volumes?.find((mount) => mount.startsWith('./deploy/temporal/dynamicconfig.yaml:'))?.split(':')[1];
    assert.equal(environment?.['DYNAMIC_CONFIG_FILE_PATH'], mounted);
  });
});
