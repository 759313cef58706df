import { addedFields, ownerOfField } from '../../../gitops/drift/managedFields';
import type { Json, JsonMap, KubernetesObject } from '../../../gitops/kubernetesObject';

interface Entry {
  manager: string;
  operation?: string;
  subresource?: string;
  fieldsV1: JsonMap;
}

const object = (spec: Json, entries: Entry[] = []): KubernetesObject => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec },
  metadata: {
    name: 'web',
    managedFields: entries.map(({ manager, operation = 'Update', subresource, fieldsV1 }) => ({
      ...{ manager, operation, fieldsV1, time: '2026-01-01T00:00:00Z' },
      ...(subresource !== undefined && { subresource }),
    })),
  },
});
const paths = (live: KubernetesObject, wanted: KubernetesObject): string[] =>
  addedFields(live, wanted, 'kustomize-controller').map(({ path, found }) => `${path} = ${JSON.stringify(found)}`);

test('names the topmost field that the owner does not set', () => {
  const fieldsV1 = { 'f:spec': { 'f:values': { 'f:labels': { '.': {}, 'f:a': {} } }, 'f:paused': {} } };
  const live = object({ values: { labels: { a: 'x' }, b: 1 }, paused: true }, [{ manager: 'someone', fieldsV1 }]);
  expect(paths(live, object({ values: { b: 1 } }))).toEqual(['spec.values.labels = {"a":"x"}', 'spec.paused = true']);
  expect(paths(live, object({ values: { labels: {} } }))).toEqual(['spec.values.labels.a = "x"', 'spec.paused = true']);
});

test('finds items of lists by their keys, defaults of the API server included', () => {
  const port = (number: number): JsonMap => ({
    [`k:{"containerPort":${number},"protocol":"TCP"}`]: { '.': {}, 'f:name': {} },
  });
  const fieldsV1 = { 'f:spec': { 'f:ports': { ...port(80), ...port(81) } } };
  const ports = [80, 81].map((containerPort) => ({ containerPort, protocol: 'TCP', name: `p${containerPort}` }));
  const live = object({ ports }, [{ manager: 'someone', fieldsV1 }]);
  expect(paths(live, object({ ports: [{ containerPort: 80 }] }))).toEqual([
    'spec.ports[containerPort=80].name = "p80"',
    'spec.ports[containerPort=81] = {"containerPort":81,"protocol":"TCP","name":"p81"}',
  ]);
});

test('items of a set belong to the list', () => {
  const fieldsV1 = { 'f:spec': { 'f:hosts': { 'v:"a"': {}, 'v:"b"': {} } } };
  const live = object({ hosts: ['a', 'b'] }, [{ manager: 'someone', fieldsV1 }]);
  expect(paths(live, object({ hosts: ['a'] }))).toEqual(['spec.hosts = "b"']);
});

test('says nothing of controllers, subresources, other owners, and what is gone', () => {
  const spec = { 'f:spec': { 'f:replicas': {} } };
  const live = { spec: { replicas: 3 } };
  const quiet: Entry[][] = [
    [{ manager: 'kube-controller-manager', fieldsV1: spec }],
    [{ manager: 'someone', subresource: 'scale', fieldsV1: spec }],
    [{ manager: 'someone', operation: 'Apply', fieldsV1: spec }],
    // A controller: it writes the status too.
    [
      { manager: 'operator', fieldsV1: spec },
      { manager: 'operator', subresource: 'status', fieldsV1: { 'f:status': {} } },
    ],
    // Shared with an owner.
    [
      { manager: 'someone', fieldsV1: spec },
      { manager: 'other', operation: 'Apply', fieldsV1: spec },
    ],
    [{ manager: 'someone', fieldsV1: { 'f:spec': { 'f:paused': {} } } }],
    [{ manager: 'someone', fieldsV1: { 'f:status': { 'f:replicas': {} } } }],
    [{ manager: 'someone', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:x': {} } } } }],
  ];
  expect(quiet.map((entries) => paths(object(live.spec, entries), object({})))).toEqual(quiet.map(() => []));
  // Unless it is a person.
  expect(paths(object(live.spec, [{ manager: 'someone', fieldsV1: spec }]), object({}))).toEqual(['spec.replicas = 3']);
});

test('certificates that a controller fills in are not the work of a person', () => {
  const fieldsV1 = { 'f:spec': { 'f:client': { 'f:caBundle': {} } } };
  const live = object({ client: { caBundle: 'PEM', url: 'u' } }, [{ manager: 'ca-injector', fieldsV1 }]);
  expect(paths(live, object({ client: { url: 'u' } }))).toEqual([]);
});

test('says who owns a field, and since when', () => {
  const live = object({ suspend: true }, [{ manager: 'flux', fieldsV1: { 'f:spec': { 'f:suspend': {} } } }]);
  expect(ownerOfField(live, 'spec', 'suspend')).toEqual({ manager: 'flux', since: '2026-01-01T00:00:00Z' });
  expect(ownerOfField(live, 'spec', 'paused')).toBeUndefined();
});

test('a Secret that its owner makes empty is for a controller to fill', () => {
  const of = (data?: JsonMap): KubernetesObject => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
    ...(data && { data }),
  });
  const managedFields = [
    { manager: 'external-secrets', operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:tls.key': {} } } },
  ];
  const live = { ...of({ 'tls.key': 'x' }), metadata: { name: 'a', managedFields } };
  expect(paths(live, of())).toEqual([]);
  expect(paths(live, of({ other: 'y' }))).toEqual(['data["tls.key"] = "x"']);
});
