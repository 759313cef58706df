import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { editorSchema } from '../../cluster/editorSchema';
import { stackFileName } from '../../cluster/names';
import { listStacks } from '../../cluster/stackFile';
import { fleetNames } from './fleets';

const root = join(__dirname, '..', '..');
const schema = z.fromJSONSchema(editorSchema('k8s-gitops') as z.core.JSONSchema.JSONSchema);
const files = [
  ...listStacks(root).map(stackFileName),
  ...fleetNames.map((name) => `tests/fixtures/machines/${name}/stack.yaml`),
];

test.each(files)('an editor finds no mistake in %s', (file) => {
  expect(schema.safeParse(parse(readFileSync(join(root, file), 'utf8'))).error).toBeUndefined();
});

const node = { name: 'node-01', role: 'controlplane', address: '10.0.0.11' };

test.each([
  ['a misspelt key of the stack', { 'k8s-gitops:nodes': [node], 'k8s-gitops:machine': {} }],
  ['a misspelt key of a node', { 'k8s-gitops:nodes': [{ ...node, networks: {} }] }],
  ['a value of another type', { 'k8s-gitops:nodes': [node], 'k8s-gitops:machines': { secureboot: 'yes' } }],
  ['a stack without nodes', {}],
])('an editor reports %s', (_, config) => {
  expect(schema.safeParse({ config }).success).toBe(false);
});

test('an editor accepts secrets, keys of other projects, and null where it removes something', () => {
  const config = {
    'k8s-gitops:nodes': [{ ...node, nodeLabels: { site: null }, installDisk: null }],
    'k8s-gitops:connectToken': { secure: 'v1:x' },
    'k8s-gitops:diskPassphrase': { secure: 'v1:x' },
    'aws:region': 'x',
  };
  expect(schema.safeParse({ config }).error).toBeUndefined();
});
