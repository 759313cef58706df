import type { Json, KubernetesObject } from '../../../gitops/kubernetesObject';
import { applyPatches, parsePatch } from '../../../gitops/render/patchList';
import {
  PatchError,
  applyPatch,
  implicitTarget,
  matchesTarget,
  readPatchBody,
  readTarget,
} from '../../../gitops/render/patch';

const release = (): KubernetesObject => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'app', namespace: 'web', labels: { tier: 'front' } },
  spec: { interval: '1h', values: { list: [1, 2], keep: true } },
});

const patched = (body: unknown): Json | undefined => {
  const object = release();
  applyPatch(object, readPatchBody(body));
  return object['spec'];
};

const merge = (spec: Json): unknown => ({ kind: 'HelmRelease', metadata: { name: 'any' }, spec });

describe('strategic merge of a custom resource', () => {
  test('merges maps, replaces lists and scalars, deletes on null', () => {
    expect(patched(merge({ interval: '5m', timeout: '1m', values: { list: [3], keep: null } }))).toEqual({
      interval: '5m',
      timeout: '1m',
      values: { list: [3] },
    });
  });

  test('keeps name and namespace, adds labels', () => {
    const object = release();
    const body = { kind: 'HelmRelease', metadata: { name: 'other', namespace: 'other', labels: { new: 'yes' } } };
    applyPatch(object, readPatchBody(body));
    expect(object.metadata).toEqual({ name: 'app', namespace: 'web', labels: { tier: 'front', new: 'yes' } });
  });

  test('drops a null in a new map', () => {
    expect(patched(merge({ install: { crds: 'Skip', timeout: null } }))).toMatchObject({ install: { crds: 'Skip' } });
  });

  test('deletes the objects that it applies to', () => {
    const origin = { file: 'a.yaml', line: 1, text: '' };
    const objects = ['a', 'b', 'c'].map((name) => ({
      object: { ...release(), metadata: { name, labels: { on: String(name !== 'b') } } },
      origins: [origin] as [typeof origin],
    }));
    const patch = 'kind: HelmRelease\nmetadata: {name: any}\n$patch: delete\n';
    applyPatches(objects, [parsePatch({ target: { labelSelector: 'on=true' }, patch }, origin, 'a.yaml:1')]);
    expect(objects.map(({ object }) => object.metadata.name)).toEqual(['b']);
    const nested = { kind: 'HelmRelease', metadata: { name: 'any' }, spec: { $patch: 'delete' } };
    for (const body of [nested, { ...nested, spec: {}, $patch: 'replace' }]) {
      expect(() => readPatchBody(body)).toThrow('directive $patch is not supported');
    }
  });

  test('rejects lists of built-in kinds, which have merge keys', () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } };
    const body = readPatchBody({ kind: 'ServiceAccount', metadata: { name: 'a' }, secrets: [{ name: 'x' }] });
    expect(() => applyPatch(account, body)).toThrow(
      new PatchError('strategic merge of lists in ServiceAccount is not supported; use JSON6902'),
    );
  });
});

describe('JSON6902', () => {
  test.each<[string, unknown[], unknown]>([
    ['add', [{ op: 'add', path: '/spec/a', value: 1 }], { a: 1 }],
    ['replace', [{ op: 'replace', path: '/spec/interval', value: '5m' }], { interval: '5m' }],
    ['append', [{ op: 'add', path: '/spec/values/list/-', value: 3 }], { values: { list: [1, 2, 3] } }],
    ['insert', [{ op: 'add', path: '/spec/values/list/0', value: 0 }], { values: { list: [0, 1, 2] } }],
    ['remove from a list', [{ op: 'remove', path: '/spec/values/list/0' }], { values: { list: [2] } }],
    ['escapes', [{ op: 'add', path: '/spec/a~1b~0c', value: 1 }], { 'a/b~c': 1 }],
    ['test', [{ op: 'test', path: '/spec/interval', value: '1h' }], { interval: '1h' }],
    ['test of a map in any key order', [{ op: 'test', path: '/spec/values', value: { keep: true, list: [1, 2] } }], {}],
    ['null for a missing value, as evanphx/json-patch does', [{ op: 'add', path: '/spec/a' }], { a: null }],
  ])('%s', (_, body, expected) => {
    expect(patched(body)).toMatchObject(expected as object);
  });

  test('remove', () => {
    expect(patched([{ op: 'remove', path: '/spec/values' }])).toEqual({ interval: '1h' });
  });

  test.each<[unknown, string]>([
    [[{ op: 'remove', path: '/spec/nothing' }], 'JSON6902 remove /spec/nothing: path does not exist'],
    [[{ op: 'replace', path: '/spec/nothing', value: 1 }], 'JSON6902 replace /spec/nothing: path does not exist'],
    [[{ op: 'add', path: '/spec/no/where', value: 1 }], 'JSON6902 add /spec/no/where: path does not exist'],
    [[{ op: 'add', path: '/spec/interval/x', value: 1 }], 'JSON6902 add /spec/interval/x: path does not exist'],
    [[{ op: 'test', path: '/spec/nothing', value: null }], 'JSON6902 test /spec/nothing: path does not exist'],
    [[{ op: 'remove', path: '/spec/values/list/-' }], 'JSON6902 remove /spec/values/list/-: path does not exist'],
    [[{ op: 'test', path: '/spec/interval', value: '2h' }], 'JSON6902 test /spec/interval: found "1h", expected "2h"'],
    [
      [{ op: 'copy', path: '/a', from: '/b' }],
      'JSON6902 operation "copy" is not supported; use add, remove, replace, test',
    ],
    [[{ op: 'add', path: 'spec' }], 'JSON6902 path "spec" must be a string starting with /'],
    ['text', 'must be a map (strategic merge patch) or a list (JSON6902)'],
    [{ metadata: { name: 'a' } }, 'a strategic merge patch needs `kind`'],
    [{ kind: 'A' }, 'a strategic merge patch needs `metadata.name`'],
  ])('rejects %j', (body, message) => {
    expect(() => patched(body)).toThrow(new PatchError(message));
  });

  // The library alone inserts at index 0 for the empty index and for the one beyond 32 bits.
  test.each(['9', '4294967296', '', 'x', '-1'])('rejects the list index %j, as evanphx/json-patch does', (index) => {
    const path = `/spec/values/list/${index}`;
    expect(() => patched([{ op: 'add', path, value: 1 }])).toThrow(
      new PatchError(`JSON6902 add ${path}: index out of range, the list has 2 items`),
    );
  });

  test('rejects prototype keys', () => {
    expect(() => patched([{ op: 'add', path: '/spec/__proto__/polluted', value: 1 }])).toThrow(PatchError);
    expect({}).not.toHaveProperty('polluted');
  });

  test('does not share values between the objects a patch applies to', () => {
    const body = readPatchBody([{ op: 'add', path: '/spec/a', value: { list: [] } }]);
    const [first, second] = [release(), release()];
    for (const object of [first, second]) applyPatch(object, body);
    applyPatch(first, readPatchBody([{ op: 'add', path: '/spec/a/list/-', value: 1 }]));
    expect(second['spec']).toMatchObject({ a: { list: [] } });
  });
});

describe('targets', () => {
  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ kind: 'HelmRelease' }, true],
    [{ kind: 'Helm' }, false],
    [{ name: 'a.*|b' }, true],
    [{ name: 'ap' }, false],
    [{ group: 'helm.toolkit.fluxcd.io', version: 'v2', namespace: 'web' }, true],
    [{ group: 'apps' }, false],
    [{ labelSelector: 'tier=front' }, true],
    [{ labelSelector: 'tier!=front' }, false],
    [{ labelSelector: 'other!=x' }, true],
    [{ labelSelector: 'tier, !other' }, true],
    [{ labelSelector: '!tier' }, false],
    [{ annotationSelector: 'tier' }, false],
  ])('%j', (target, expected) => {
    expect(matchesTarget(readTarget(target), release())).toBe(expected);
  });

  test('a patch without a target selects exactly the object it names', () => {
    const target = implicitTarget({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a.b', namespace: 'n' } });
    expect(target).toEqual({ kind: 'Thing', name: 'a\\.b', namespace: 'n' });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ kinds: 'A' }, 'target.kinds is not supported'],
    [{ kind: 1 }, 'target.kind must be a string'],
    [{ labelSelector: 'a in (b)' }, 'selector "a in (b)" is not supported; use key=value, key!=value, key or !key'],
  ])('rejects %j', (target, message) => {
    expect(() => readTarget(target as Json)).toThrow(new PatchError(message));
  });
});
