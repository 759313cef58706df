import { locate, locateText, writtenAt } from '../../gitops/locate';
import { Sources, firstBadLine, sourcesOf } from '../../gitops/sources';
import { kustomization, tree, treeObject } from './tree';

const files = {
  'a.yaml': `---
# A comment.
apiVersion: v1
kind: ConfigMap
metadata:
  name: first
data:
  key: \${VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: \${CLUSTER}-second
  namespace: shop
  labels:
    example.org/part.of: shop
data:
  list: |
    one
    two \${OTHER}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    containers:
      - name: a
      - name: b
        image: \${IMAGE}
`,
  'list.yaml': `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Secret
    metadata:
      name: one
  - apiVersion: v1
    kind: Secret
    metadata:
      name: two
    type: Opaque
`,
  'kustomization.yaml': `configMapGenerator:
  - name: other
  - name: dashboards
    files:
      - x.json
`,
  'anchors.yaml': `base: &base
  deep: 1
apiVersion: v1
kind: ConfigMap
metadata:
  name: anchored
data: *base
`,
  'bad.yaml': 'a: b\nc: {\nd: e\n',
};

const configMap = (name: string, namespace?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const shop = treeObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' } }, 'a.yaml');
const second = treeObject(configMap('two-second', 'shop'), 'a.yaml', { kustomization: 'flux-system/shop' });
const generated = treeObject(configMap('team-dashboards-abc'), 'kustomization.yaml', { generated: true });
const testTree = tree(files, {
  objects: [shop, second],
  kustomizations: [kustomization('flux-system/shop', { files: ['a.yaml', 'list.yaml', 'patch.yaml'] })],
});
const secret = (name: string) => treeObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name } }, 'list.yaml');

describe('locate', () => {
  test.each([
    ['an object by name', treeObject(configMap('first'), 'a.yaml'), [], 3],
    ['a key', treeObject(configMap('first'), 'a.yaml'), ['data', 'key'], 8],
    ['a name with a variable', second, [], 10],
    ['a key with dots that spans several steps', second, ['metadata', 'labels', 'example', 'org/part', 'of'], 16],
    ['a list item', shop, ['spec', 'template', 'containers', 1, 'image'], 31],
    ['the longest existing prefix of a path', shop, ['spec', 'template', 'containers', 7, 'image'], 28],
    ['the object if no part of the path exists', shop, ['status'], 22],
    [
      'the only object of its kind, under another name',
      { ...shop, object: { ...shop.object, metadata: { name: 'x' } } },
      [],
      22,
    ],
    ['an item of a List', secret('two'), ['type'], 12],
    ['a generated object', generated, ['data'], 3],
    ['a missing file', treeObject(configMap('first'), 'none.yaml'), [], 1],
    ['a path through an alias', treeObject(configMap('anchored'), 'anchors.yaml'), ['data', 'deep'], 2],
  ])('%s', (_, object, path, line) => {
    expect(locate(testTree, object, path)).toEqual({ file: object.file, line });
  });

  test('writtenAt returns the value before substitution', () => {
    expect(writtenAt(testTree, shop, ['spec', 'template', 'containers', 1, 'image'])).toBe('${IMAGE}');
    expect(writtenAt(testTree, shop, ['spec', 'replicas'])).toBeUndefined();
    expect(writtenAt(testTree, generated, ['data'])).toBeUndefined();
  });
});

describe('locateText', () => {
  test("searches the object's own document, then its file", () => {
    expect(locateText(testTree, second, '${OTHER}')).toEqual([{ file: 'a.yaml', line: 20 }]);
    expect(locateText(testTree, second, '${IMAGE}')).toEqual([{ file: 'a.yaml', line: 31 }]);
  });

  test('then the other files of the Kustomization', () => {
    expect(locateText(testTree, second, 'kind: Secret').map(({ file }) => file)).toEqual(['list.yaml', 'list.yaml']);
    expect(locateText(testTree, second, '${NOWHERE}')).toEqual([]);
  });
});

test('sources read each file once and tolerate invalid YAML', () => {
  const read: string[] = [];
  const sources = new Sources((file) => (read.push(file), (files as Record<string, string>)[file]));
  expect(sources.documents('a.yaml')).toHaveLength(3);
  sources.documents('a.yaml');
  expect(read).toEqual(['a.yaml']);
  expect(sources.documents('none.yaml')).toEqual([]);
  expect(sources.documents('bad.yaml').map(({ line }) => line)).toEqual([1]);
  expect(sourcesOf(testTree)).toBe(sourcesOf(testTree));
  expect(firstBadLine(files['bad.yaml'])).toBe(3);
  expect(firstBadLine(files['a.yaml'])).toBeUndefined();
});
