import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { withAddedValues } from '../../cli/validate/addedValues';
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

test('keeps the files of a row that adds nothing', () => {
  expect(withAddedValues(row(), ['/a', '/b'], folder)).toEqual(['/a', '/b']);
});

test.each([[file], [folder]])('adds each value once to every version, read from %s', (source) => {
  const scratch = join(folder, 'scratch');
  const [written = ''] = withAddedValues(
    row({ crd: 'alerts', field: ['spec', 'sources', 'kind'], values: ['B', 'C'] }),
    [source],
    scratch,
  );
  const documents = parseAllDocuments(readFileSync(written, 'utf8')).map((document) => document.toJS());
  expect(documents.map(({ kind }) => kind)).toEqual(['CustomResourceDefinition']);
  const path = [
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
  const enums = documents[0].spec.versions.map((each: JsonMap) => valueAt(each, 'schema', ...path));
  expect(enums).toEqual([
    ['A', 'B', 'C'],
    ['A', 'B', 'C'],
  ]);
});

test.each([
  ['CRD', { crd: 'receivers', field: ['spec', 'sources', 'kind'], values: [] }],
  ['field', { crd: 'alerts', field: ['spec', 'kind'], values: [] }],
])('throws if the %s does not exist', (_, added) => {
  expect(() => withAddedValues(row(added), [file], folder)).toThrow(`${added.crd} has no enum at`);
});
