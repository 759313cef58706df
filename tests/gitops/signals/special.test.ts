import type { Json } from '../../../gitops/kubernetesObject';
import { quantity } from '../../../gitops/quantity';
import { signalsOf } from '../../../gitops/signals/registry';
import { signalText } from '../../../gitops/signals/signal';
import { imagesOf } from '../../../gitops/signals/images';
import { stepOf } from '../../../gitops/signals/versionStep';
import { changeOf, signalsBy, textsBy } from './change';
import { claim, deployment, object, release } from './manifests';

test('a signal says where, what, why and what to do', () => {
  const [signal, ...others] = signalsOf([changeOf(claim('data', '2Gi'), claim('data', '1Gi'))]);
  expect(others.map(({ id }) => id)).toEqual(['immutable-changed']);
  expect(signal).toEqual({
    id: 'volume-shrunk',
    severity: 'danger',
    clusters: ['one'],
    object: 'PersistentVolumeClaim app/data',
    kustomization: 'flux-system/app',
    file: 'app/all.yaml',
    line: 5,
    what: 'spec.resources.requests.storage goes down from 2Gi to 1Gi',
    why: 'no volume shrinks: the API server or the operator refuses it, and what goes with it is not applied',
    todo: 'keep the size, or move the data to a new volume and then change the name',
  });
  expect(signal === undefined ? '' : signalText(signal)).toBe(
    'PersistentVolumeClaim app/data: spec.resources.requests.storage goes down from 2Gi to 1Gi; no volume shrinks: the API server or the operator refuses it, and what goes with it is not applied; keep the size, or move the data to a new volume and then change the name',
  );
});

test('one signal for all clusters that raise it alike', () => {
  const change = changeOf(claim('data', '2Gi'), claim('data', '1Gi'));
  const other = { ...change, name: 'two' };
  expect(signalsOf([change, other]).map(({ clusters }) => clusters)).toEqual([
    ['one', 'two'],
    ['one', 'two'],
  ]);
});

test('secrets are masked in what a signal says', () => {
  const job = (password: string): string =>
    object('batch/v1', 'Job', 'j', `spec: {template: {env: [{name: DB_PASSWORD, value: ${password}}]}}`);
  const text = JSON.stringify(signalsOf([changeOf(job('hunter2'), job('hunter3'))]));
  expect(text).toContain('immutable-changed');
  expect(text).toContain('(masked)');
  expect(text).not.toContain('hunter');
  const change = changeOf(
    deployment('web'),
    deployment('web', { pod: 'volumes: [{name: v, hostPath: {path: /hunter2}}]' }),
  );
  const [app] = change.after.kustomizations.slice(1);
  const [withVariable] = change.after.objects;
  if (app === undefined || withVariable === undefined) throw new Error('the tree has both');
  app.variables = { SECRET: 'hunter2' };
  app.object['spec'] = { postBuild: { substituteFrom: [{ kind: 'Secret', name: 's' }] } };
  withVariable.variables = [{ name: 'SECRET', hasDefault: false }];
  expect(signalsBy('host-access', change).map(({ what }) => what)).toEqual([
    'its pods mount /(masked) of the node to read',
  ]);
});

test('nothing is raised where nothing changes', () => {
  const all = deployment('web') + claim('data', '1Gi') + release('x');
  expect(signalsOf([changeOf(all, all)])).toEqual([]);
});

describe('what Flux does with what leaves', () => {
  const config = object('v1', 'ConfigMap', 'a');
  const deleted = (before: Parameters<typeof changeOf>[0], after: Parameters<typeof changeOf>[0]): string[] => [
    ...textsBy('objects-deleted', changeOf(before, after)),
    ...textsBy('objects-orphaned', changeOf(before, after)),
  ];

  test('a Kustomization that stays because its parent does not prune keeps its objects', () => {
    expect(
      deleted(
        { parent: { spec: { prune: false } }, child: { yaml: config, parent: 'parent' } },
        { parent: { spec: { prune: false } } },
      ),
    ).toEqual([
      'Kustomization flux-system/child: one object stays on the cluster: ConfigMap app/a (Kustomization flux-system/child stays on the cluster: Kustomization flux-system/parent does not prune)',
      'Kustomization flux-system/parent: one object stays on the cluster: Kustomization flux-system/child (Kustomization flux-system/parent does not prune)',
    ]);
  });

  test('deletionPolicy Delete deletes although it does not prune', () => {
    expect(deleted({ app: { yaml: config, spec: { prune: false, deletionPolicy: 'Delete' } } }, {})).toEqual([
      'Kustomization flux-system/app: Flux deletes one object: ConfigMap app/a',
    ]);
  });

  test('a Kustomization that is suspended when it goes leaves all as it is', () => {
    const [, text] = deleted({ app: { yaml: config, spec: { suspend: true } } }, {});
    expect(text).toContain(
      'one object stays on the cluster: ConfigMap app/a (Kustomization flux-system/app is suspended when it is deleted)',
    );
  });

  test('suspending a Kustomization deletes nothing', () => {
    const change = changeOf({ app: config }, { app: { skipped: 'suspended', spec: { suspend: true } } });
    expect(signalsOf([change]).map(({ id }) => id)).toEqual(['suspended']);
  });
});

describe('objects of charts', () => {
  const crd = (keep: boolean): string =>
    `---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: w.example.org${keep ? ', annotations: {helm.sh/resource-policy: keep}' : ''}}\nspec: {}\n`;
  const [old, now] = [release('x'), release('x', { version: '2.0.0' })];

  test('raise signals at their release, and its values do not raise the same again', () => {
    const change = changeOf(release('x'), release('x', { values: '{privileged: true}' }), {
      before: { x: deployment('web') },
      after: { x: deployment('web', { container: 'securityContext: {privileged: true}' }) },
    });
    expect(signalsBy('container-privileged', change)).toMatchObject([
      {
        object: 'Deployment app/web',
        release: 'app/x',
        what: 'container main becomes privileged',
        file: 'app/all.yaml',
      },
    ]);
  });

  test('that a new version lacks are deleted by Helm, unless they are kept', () => {
    const change = changeOf(old, now, { before: { x: crd(false) }, after: { x: '' } });
    expect(textsBy('crd-deleted', change)).toEqual([
      'CustomResourceDefinition w.example.org: leaves the chart, and Helm deletes it',
    ]);
    expect(textsBy('objects-deleted', change)).toEqual([
      'Kustomization flux-system/app: Helm (release app/x) deletes one object: CustomResourceDefinition w.example.org',
    ]);
    expect(textsBy('crd-deleted', changeOf(old, now, { before: { x: crd(true) }, after: { x: '' } }))).toEqual([]);
    const suspended = release('x', { version: '2.0.0', more: 'suspend: true' });
    expect(textsBy('crd-deleted', changeOf(old, suspended, { before: { x: crd(false) }, after: { x: '' } }))).toEqual(
      [],
    );
  });

  test('go with an uninstall', () => {
    expect(textsBy('volume-deleted', changeOf(old, '', { before: { x: claim('data', '1Gi') } }))).toEqual([
      'PersistentVolumeClaim app/data: leaves the chart, and Helm deletes it',
    ]);
  });

  test('fail the upgrade where a field cannot change, with force as well', () => {
    const sides = { before: { x: deployment('web') }, after: { x: deployment('web', { selector: 'site' }) } };
    const [signal] = signalsBy(
      'immutable-changed',
      changeOf({ app: { yaml: old, spec: { force: true } } }, { app: { yaml: now, spec: { force: true } } }, sides),
    );
    expect(signal?.why).toBe(
      'the API server refuses it: the upgrade of the release fails and is rolled back or retried',
    );
  });
});

describe('transition rules of CRDs', () => {
  const schema: Json = {
    properties: {
      spec: {
        'x-kubernetes-validations': [{ rule: '!has(oldSelf.class) || has(self.class)', message: 'class stays' }],
        properties: {
          class: { 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'class is immutable' }] },
          size: { 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] },
          odd: { 'x-kubernetes-validations': [{ rule: 'quantity(self).isGreaterThan(quantity(oldSelf))' }] },
          disks: {
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { properties: { type: { 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } } },
          },
        },
      },
    },
  };
  const widget = (spec: string): string => object('example.org/v1', 'Widget', 'w', `spec: ${spec}`);
  const texts = (before: string, after: string): string[] =>
    textsBy(
      'immutable-changed',
      changeOf(widget(before), widget(after), {}, (version, kind) =>
        `${version} ${kind}` === 'example.org/v1 Widget' ? schema : undefined,
      ),
    );

  test.each([
    [
      'a value',
      '{class: a}',
      '{class: b}',
      ['Widget app/w: spec.class changes, which the CRD refuses (class is immutable)'],
    ],
    [
      'a value that goes',
      '{class: a}',
      '{size: 1}',
      ['Widget app/w: spec changes, which the CRD refuses (class stays)'],
    ],
    [
      'a number that shrinks',
      '{size: 2}',
      '{size: 1}',
      ['Widget app/w: spec.size changes, which the CRD refuses (self >= oldSelf)'],
    ],
    ['a number that grows', '{size: 1}', '{size: 2}', []],
    ['a new value', '{}', '{class: a}', []],
    [
      'an item, by its key',
      '{disks: [{name: a, type: x}, {name: b, type: y}]}',
      '{disks: [{name: b, type: z}]}',
      ['Widget app/w: spec.disks.0.type changes, which the CRD refuses (self == oldSelf)'],
    ],
    ['a rule that is not evaluated here', '{odd: 1Gi}', '{odd: 2Gi}', []],
  ])('%s', (_, before, after, expected) => expect(texts(before, after)).toEqual(expected));

  test('come from the CRD in Git', () => {
    const crd = `---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: w}\nspec: {group: example.org, names: {kind: Widget}, versions: [{name: v1, schema: {openAPIV3Schema: ${JSON.stringify(schema)}}}]}\n`;
    expect(textsBy('immutable-changed', changeOf(crd + widget('{class: a}'), crd + widget('{class: b}')))).toHaveLength(
      1,
    );
  });
});

test.each([
  ['1.2.3', '2.0.0', 'major'],
  ['v1.2.3', 'v1.3.0', 'minor'],
  ['1.2.3', '1.2.4', 'patch'],
  ['16-alpine', '17-alpine', 'major'],
  ['2.0.0', '1.9.9', 'downgrade'],
  ['1.2', '1.2.1', 'patch'],
  ['1.2.0', '1.2', 'same'],
  ['2024.12.1', '2025.1.0', 'calendar'],
  ['22.04', '24.04', 'calendar'],
  ['22.10.0', '24.1.0', 'major'],
  ['RELEASE.2024-01-02T00-00-00Z', 'RELEASE.2025-01-02T00-00-00Z', 'calendar'],
  ['20240101', '20250101', 'calendar'],
  ['latest', '1.0.0', 'other'],
  ['4f1a5b1', '5b14f1a', 'other'],
  ['1234567', '1234568', 'other'],
  ['2024.1.0', '1.0.0', 'other'],
])('%s to %s is %s', (before, after, step) => expect(stepOf(before, after)).toBe(step));

test.each([
  ['1Gi', 1024 ** 3],
  ['1.5G', 1.5e9],
  ['100m', 0.1],
  ['1e3', 1000],
  [5, 5],
  ['ten', undefined],
  ['1GiB', undefined],
  [undefined, undefined],
])('the quantity %s is %s', (text, number) => expect(quantity(text)).toBe(number));

test('images are texts under the usual keys, and maps of repository and tag', () => {
  const found = [
    ...imagesOf({
      image: { registry: 'quay.io', repository: 'a/b', tag: 1.2, digest: 'sha256:x' },
      sidecarImage: 'c/d:1',
      imageName: 'ghcr.io/x/pg:16',
      image2: 'no/image:1',
      containers: [{ name: 'main', image: 'nginx:1' }],
      chart: { repository: 'https://example.org' },
      icon: { image: 'word' },
    }),
  ];
  expect(found.map(([path, image]) => [path.join('.'), image])).toEqual([
    ['image', 'quay.io/a/b:1.2@sha256:x'],
    ['sidecarImage', 'c/d:1'],
    ['imageName', 'ghcr.io/x/pg:16'],
    ['containers.[main].image', 'nginx:1'],
  ]);
});
