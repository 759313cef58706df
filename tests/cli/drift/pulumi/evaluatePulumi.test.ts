import { withoutExplained } from '../../../../cli/drift/causes';
import type { Drift, DriftFix } from '../../../../cli/drift/drift';
import { evaluatePulumi, objectOf } from '../../../../cli/drift/pulumi/evaluatePulumi';
import type { EngineRun, ResourceStep } from '../../../../cli/drift/pulumi/events';

const fix: DriftFix = { describe: 'run pulumi up', run: async () => {} };
const step = (type: string, name: string, more: Partial<ResourceStep> = {}): ResourceStep => ({
  urn: `urn:pulumi:east::k8s-gitops::parent$${type}::${name}`,
  ...{ type, op: 'update', before: {}, after: {}, paths: [], lines: [] },
  ...more,
});
const run = (...steps: ResourceStep[]): EngineRun => ({ steps, errors: [], seen: steps.length });
const secret = {
  kind: 'Secret',
  metadata: { name: 'cilium-ca', namespace: 'kube-system' },
  data: { 'ca.crt': '[secret]' },
};
const record = 'cloudflare:index/dnsRecord:DnsRecord';
const short = ({ id, object, field, wanted, found, why }: Drift) => [id, object, field, wanted, found, why];

test('nothing to do is silent, also if a refresh saw what the program does not decide', () => {
  expect(evaluatePulumi(run(), run(), fix)).toEqual([]);
  expect(evaluatePulumi(run(), run(step(record, 'x', { after: { stale: false } })), fix)).toEqual([]);
});

test('a Kubernetes object that was changed past Pulumi', () => {
  const type = 'kubernetes:core/v1:Secret';
  const seen = step(type, 'ca', { before: secret, after: secret });
  const planned = step(type, 'ca', { before: secret, after: secret, paths: ['data["ca.crt"]'] });
  expect(evaluatePulumi(run(planned), run(seen), fix)).toEqual([
    {
      ...{ id: 'pulumi-changed', layer: 'pulumi', owner: 'Pulumi', object: 'Secret kube-system/cilium-ca' },
      aliases: ['resource kubernetes:core/v1:Secret ca'],
      ...{ field: 'data["ca.crt"]', wanted: '[secret]', found: '[secret]', fix },
      todo: 'run pulumi up --refresh, which puts it back; if it should stay, put it into the stack first',
    },
  ]);
});

test('gone, not created yet, no longer in the program, and replaced', () => {
  const found = evaluatePulumi(
    run(
      step(record, 'gone', { op: 'create' }),
      step(record, 'new', { op: 'create' }),
      step(record, 'old', { op: 'delete' }),
      step(record, 'other', { op: 'replace', before: { name: 'a' }, after: { name: 'b' } }),
    ),
    run(step(record, 'gone', { op: 'delete' })),
    fix,
  );
  expect(found.map(short)).toEqual([
    ['pulumi-gone', `resource ${record} gone`, undefined, undefined, undefined, 'it was deleted past Pulumi'],
    [
      ...['pulumi-pending', `resource ${record} new`, undefined, undefined, undefined],
      'the program has it, but no pulumi up has created it yet',
    ],
    [
      'pulumi-orphan',
      `resource ${record} old`,
      undefined,
      undefined,
      undefined,
      'it is in the state, but the program has it no longer',
    ],
    ['pulumi-pending', `resource ${record} other`, 'name', '"b"', '"a"', 'pulumi up replaces it'],
  ]);
});

test('a machine: the fields that its provider names', () => {
  const lines = [
    'machine.sysctls["vm.a"]: added "1" (live)',
    'machine.token: changed, a secret (reboots the machine)',
    'KmsgLogConfig a: removed (live)',
    'EthernetConfig enp1s0 rings.rx: 8160 → 4096 (live)',
    'a: the machine is drained and reboots',
  ];
  expect(
    evaluatePulumi(run(step('platform:index:MachineConfiguration', 'a', { lines })), run(), fix).map(short),
  ).toEqual([
    ['pulumi-pending', 'machine a', 'machine.sysctls["vm.a"]', '"1"', undefined, undefined],
    ['pulumi-pending', 'machine a', 'machine.token', '[secret]', '[secret]', undefined],
    ['pulumi-pending', 'machine a', 'KmsgLogConfig a', undefined, 'a document', undefined],
    ['pulumi-pending', 'machine a', 'EthernetConfig enp1s0 rings.rx', '4096', '8160', undefined],
  ]);
});

test('what a provider says instead of a field, and what says nothing', () => {
  const system = step('platform:index:MachineSystem', 'a', { lines: ['a: Talos v1.11.2 → v1.11.6, reboots'] });
  const item = step('platform:index:OnePasswordItem', 'b', { before: { stale: true }, after: {} });
  const read = step('platform:index:OnePasswordItem', 'b', { before: {}, after: { stale: true } });
  expect(evaluatePulumi(run(system, item), run(read), fix).map(short)).toEqual([
    ['pulumi-pending', 'machine a', undefined, undefined, undefined, 'a: Talos v1.11.2 → v1.11.6, reboots'],
    [
      ...['pulumi-changed', 'resource platform:index:OnePasswordItem b', undefined, undefined, undefined],
      'pulumi up would update b, whose provider does not say which field differs',
    ],
  ]);
});

test('only what the refresh saw names the fields, if the program has secrets there', () => {
  const read = step(record, 'x', { before: { content: 'a' }, after: { content: 'b' } });
  expect(evaluatePulumi(run(step(record, 'x')), run(read), fix).map(short)).toEqual([
    ['pulumi-changed', `resource ${record} x`, 'content', '"a"', '"b"', undefined],
  ]);
});

test('names', () => {
  const of = (type: string, name: string, after: ResourceStep['after'] = {}) => objectOf(step(type, name, { after }));
  expect(of('platform:index:KubernetesVersion', 'east')).toBe('Kubernetes of east');
  expect(of('platform:index:ClusterNodes', 'east')).toBe('nodes of east');
  expect(of('platform:index:TalosIdentity', 'east')).toBe('talosconfig of east');
  expect(of('kubernetes:core/v1:Namespace', 'x', { kind: 'Namespace', metadata: { name: 'storage' } })).toBe(
    'Namespace storage',
  );
  expect(of('kubernetes:core/v1:Secret', 'x', { kind: 'Secret', metadata: '[secret]' })).toBe(
    'resource kubernetes:core/v1:Secret x',
  );
});

describe('what other layers report, too', () => {
  const other = (layer: Drift['layer'], object: string, explains: string[] = []): Drift => ({
    ...{ id: 'x', layer, owner: 'x', object, todo: 'x', explains },
  });
  const layersOf = (...findings: Drift[]) => withoutExplained(findings).map(({ layer }) => layer);
  const machine = evaluatePulumi(run(step('platform:index:MachineConfiguration', 'a')), run(), fix);
  const object = evaluatePulumi(
    run(step('kubernetes:core/v1:Secret', 'ca', { before: secret, after: secret })),
    run(),
    fix,
  );
  const dns = evaluatePulumi(run(step(record, 'x')), run(), fix);

  test('is theirs: by the object, and by the resource that they explain', () => {
    expect(layersOf(other('machines', 'machine a'), ...machine)).toEqual(['machines']);
    expect(layersOf(...object, other('secrets', 'Secret kube-system/cilium-ca'))).toEqual(['secrets']);
    expect(layersOf(...object, other('secrets', 'item a', ['resource kubernetes:core/v1:Secret ca']))).toEqual([
      'secrets',
    ]);
    expect(layersOf(...dns, other('edge', 'record a', [`resource ${record} x`]))).toEqual(['edge']);
  });

  test('is not theirs if it is about something else', () => {
    expect(layersOf(other('machines', 'machine b'), ...machine, ...object, ...dns)).toEqual([
      'machines',
      'pulumi',
      'pulumi',
      'pulumi',
    ]);
  });
});
