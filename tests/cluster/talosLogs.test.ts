import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { logReceiver } from '../../cluster/talos/logging';
import { machinePatches } from '../../cluster/talos/machinePatches';
import { baseInput } from './fixtures';

const root = join(__dirname, '..', '..');

interface Patch {
  kind?: string;
  machine?: { logging?: object };
}

function patchesOf(definition: ClusterDefinition): Patch[][] {
  return definition.nodes.map((node) =>
    machinePatches(definition, node, 'image', 'v1.11').map((text) => parse(text) as Patch),
  );
}

test('the machines of a cluster that lists logs send them to their own Fluent Bit, workers too', () => {
  const definition = defineCluster(baseInput({ set: { 'systems.fluent-bit': {} } }));
  expect(definition.sendsLogs).toBe(true);
  for (const [first, ...others] of patchesOf(definition)) {
    expect(first?.machine?.logging).toEqual({
      destinations: [{ endpoint: 'tcp://127.0.0.1:5170/', format: 'json_lines' }],
    });
    expect(others.filter(({ kind }) => kind === 'KmsgLogConfig')).toEqual([
      { apiVersion: 'v1alpha1', kind: 'KmsgLogConfig', name: 'fluent-bit', url: 'tcp://127.0.0.1:5170/' },
    ]);
  }
});

test('the machines of another cluster send nothing', () => {
  const definition = defineCluster(baseInput());
  expect(definition).not.toHaveProperty('sendsLogs');
  const patches = patchesOf(definition).flat();
  expect(patches.filter(({ kind, machine }) => kind === 'KmsgLogConfig' || machine?.logging !== undefined)).toEqual([]);
});

test('the system that decides it exists, and its Fluent Bit listens at that address of the node', () => {
  const system = parse(readFileSync(join(root, 'kubernetes/systems/logs/ks.yaml'), 'utf8')) as {
    metadata: { name: string };
    spec: { path: string };
  };
  expect(system.metadata.name).toBe('fluent-bit');
  const release = parse(readFileSync(join(root, system.spec.path, 'helmrelease.yaml'), 'utf8')) as {
    spec: { postRenderers: { kustomize: { patches: { patch: string }[] } }[] };
  };
  const [operation] = parse(release.spec.postRenderers[0]!.kustomize.patches[0]!.patch) as {
    value: { hostIP: string; hostPort: number };
  }[];
  expect(`tcp://${operation?.value.hostIP}:${operation?.value.hostPort}/`).toBe(logReceiver);
});
