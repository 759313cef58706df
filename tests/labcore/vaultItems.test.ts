import type { KubernetesObject } from '../../gitops/kubernetesObject';
import { vaultItems } from '../../lab/up/vaultItems';

const externalSecret = (spec: object): KubernetesObject =>
  ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'one' },
    spec,
  }) as KubernetesObject;

test('creates every item and field that an ExternalSecret reads once, each with a unique value', () => {
  const items = vaultItems(
    [
      externalSecret({
        data: [
          { secretKey: 'a', remoteRef: { key: 'kubernetes/one/app', property: 'user' } },
          { secretKey: 'b', remoteRef: { key: 'kubernetes/one/app', property: 'token' } },
          { secretKey: 'c', remoteRef: { key: 'kubernetes/one/other' } },
        ],
      }),
      externalSecret({ data: [{ secretKey: 'a', remoteRef: { key: 'kubernetes/one/app', property: 'user' } }] }),
    ],
    [],
  );
  expect(items.map(({ title, fields }) => [title, Object.keys(fields)])).toEqual([
    ['kubernetes/one/app', ['token', 'user']],
    ['kubernetes/one/other', ['password']],
  ]);
  const values = items.flatMap(({ fields }) => Object.values(fields));
  expect(new Set(values).size).toBe(3);
  expect(values.every((value) => value.length >= 32)).toBe(true);
});

test('an address is one, and leads nowhere', () => {
  const url = { secretKey: 'url', remoteRef: { key: 'kubernetes/one/app', property: 'url' } };
  const [item] = vaultItems([externalSecret({ data: [url] })], []);
  expect(item?.fields['url']).toMatch(/^https:\/\/lab\.invalid\/[\w-]{32}$/);
});

test('creates the fields of an extracted item that the template uses', () => {
  const [item] = vaultItems(
    [
      externalSecret({
        target: { template: { data: { url: 'https://{{ .user }}:{{ .password | urlquery }}@host' } } },
        dataFrom: [{ extract: { key: 'kubernetes/one/app' } }],
      }),
    ],
    [],
  );
  expect(Object.keys(item?.fields ?? {})).toEqual(['password', 'user']);
});

test('other objects require no items', () => {
  const secret = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } } as KubernetesObject;
  expect(vaultItems([secret], [])).toEqual([]);
});

test('omits each field that the program generates', () => {
  const fields = ['token', 'user'].map((property) => ({
    secretKey: property,
    remoteRef: { key: 'kubernetes/one/app', property },
  }));
  const own = { secretKey: 'a', remoteRef: { key: 'kubernetes/one/own', property: 'token' } };
  const items = vaultItems(
    [externalSecret({ data: [...fields, own] })],
    [
      { title: 'kubernetes/one/app', field: 'token' },
      { title: 'kubernetes/one/own', field: 'token' },
      { title: 'kubernetes/one/other', field: 'user' },
    ],
  );
  expect(items.map(({ title, fields: created }) => [title, Object.keys(created)])).toEqual([
    ['kubernetes/one/app', ['user']],
  ]);
});
