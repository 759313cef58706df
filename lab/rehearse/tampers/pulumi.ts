import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseDocument } from 'yaml';
import { ciliumCaBundle } from '../../../cluster/bootstrapOrder';
import { stackFileName } from '../../../cluster/names';
import type { Tamper } from '../tamper';
import type { Undo } from '../undo';
import type { World } from '../world';
import { place } from './kubernetes';
import { firstMissing } from './machines';

/** What someone does to what Pulumi keeps, and to the stack's configuration without an `up`. */
export async function pulumiTampers(world: World): Promise<Tamper[]> {
  const ca = place('v1', 'secrets', 'Secret', 'kube-system/cilium-ca');
  const bundle = place('v1', 'configmaps', 'ConfigMap', `${ciliumCaBundle.namespace}/${ciliumCaBundle.name}`);
  const namespace = place('v1', 'namespaces', 'Namespace', 'external-secrets');
  const prune = 'kustomize.toolkit.fluxcd.io/prune';
  return [
    {
      name: 'secrets-seeded-ca-changed',
      layer: 'secrets',
      expect: [{ layer: 'secrets', object: ca.object, field: 'data["ca.crt"]' }],
      apply: () => world.patch(ca.path, { data: { 'ca.crt': Buffer.from(world.unique).toString('base64') } }),
    },
    {
      // The layer of secrets knows it better than the engine, which reports last.
      name: 'secrets-seeded-ca-deleted',
      layer: 'secrets',
      expect: [{ layer: 'secrets', object: ca.object }],
      apply: () => world.remove(ca.path),
    },
    {
      name: 'pulumi-seeded-bundle-changed',
      layer: 'pulumi',
      expect: [{ layer: 'pulumi', object: bundle.object, field: `data["${ciliumCaBundle.key}"]` }],
      apply: () => world.patch(bundle.path, { data: { [ciliumCaBundle.key]: world.unique } }),
    },
    {
      // Flux owns it since the handover.
      name: 'flux-namespace-unprotected',
      layer: 'flux',
      expect: [{ layer: 'flux', object: namespace.object, field: `metadata.annotations["${prune}"]` }],
      apply: () => world.patch(namespace.path, { metadata: { annotations: { [prune]: null } } }),
    },
    {
      name: 'pulumi-configuration-not-applied',
      layer: 'pulumi',
      expect: await Promise.all(
        world.stack.definition.nodes.map(async (node) => ({
          layer: 'pulumi' as const,
          object: `machine ${node.name}`,
          field: await firstMissing(world, node, ['machine', 'sysctls', 'vm.min_free_kbytes']),
        })),
      ),
      apply: () => editStack(world),
    },
  ];
}

/** Sets a sysctl of all machines in the lab's stack file, as a merged change that no one has rolled out. */
async function editStack({ stack }: World): Promise<Undo> {
  const file = path.join(stack.project, stackFileName(stack.stack));
  const before = fs.readFileSync(file, 'utf8');
  const document = parseDocument(before);
  const config = document.get('config') as { items: { key: { value: string } }[] };
  const key = config.items.map((item) => item.key.value).find((name) => name.endsWith(':machines'));
  document.setIn(['config', key, 'sysctls', 'vm.min_free_kbytes'], '65536');
  fs.writeFileSync(file, document.toString({ lineWidth: 0 }));
  return () => Promise.resolve(fs.writeFileSync(file, before));
}
