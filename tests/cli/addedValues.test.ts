import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { withAdded } from '../../cli/validate/addedValues';
import { type JsonMap, valueAt } from '../../gitops/kubernetesObject';
import type { AddedValues, SchemaSource } from '../../tools/schemaSources';

const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-added-'));
const file = join(folder, 'crds.yaml');
const version = (name: string) => `    - name: ${name}
      schema:
        openAPIV3Schema:
          properties:
            spec:
              properties:
                sources:
                  items:
                    properties:
                      kind: { enum: [A, B] }
`;
writeFileSync(
  file,
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: other\n---\nkind: CustomResourceDefinition\nmetadata:\n  name: alerts\nspec:\n  versions:\n${version('v1')}${version('v2')}`,
);
const row = (...added: AddedValues[]): SchemaSource => ({
  name: 'row',
  groups: [],
  productVersion: '',
  module: '',
  paths: [],
  added,
});

afterAll(() => rmSync(folder, { recursive: true }));

test('a row with nothing to add keeps its files', () => {
  expect(withAdded(row(), ['/a', '/b'], folder)).toEqual(['/a', '/b']);
});

test.each([[file], [folder]])('values are added to every version, once, from %s', (path) => {
  const scratch = join(folder, 'scratch');
  const [made = ''] = withAdded(
    row({ crd: 'alerts', field: ['spec', 'sources', 'kind'], values: ['B', 'C'] }),
    [path],
    scratch,
  );
  const documents = parseAllDocuments(readFileSync(made, 'utf8')).map((document) => document.toJS());
  expect(documents.map(({ kind }) => kind)).toEqual(['CustomResourceDefinition']);
  const list = [
    'openAPIV3Schema',
    'properties',
    'spec',
    'properties',
    'sources',
    'items',
    'properties',
    'kind',
    'enum',
  ];
  const lists = documents[0].spec.versions.map((one: JsonMap) => valueAt(one, 'schema', ...list));
  expect(lists).toEqual([
    ['A', 'B', 'C'],
    ['A', 'B', 'C'],
  ]);
});

test.each([
  ['another name', { crd: 'receivers', field: ['spec', 'sources', 'kind'], values: [] }],
  ['another field', { crd: 'alerts', field: ['spec', 'kind'], values: [] }],
])('%s that is not there is an error', (_, added) => {
  expect(() => withAdded(row(added), [file], folder)).toThrow(`${added.crd} has no list of values`);
});
