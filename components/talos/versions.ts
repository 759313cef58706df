import * as pulumi from '@pulumi/pulumi';
import type * as talos from '@pulumiverse/talos';
import { type ClusterDefinition, nodeDialAddress } from '../../cluster/definition';
import { rollOrder } from '../../cluster/rollout/rollOrder';
import type { Node } from '../../cluster/stackSchema';
import { KubernetesVersion, MachineSystem } from '../../provider/resources/sdk';
import type { InstallerImages } from './installerImages';

export interface VersionsArgs {
  definition: ClusterDefinition;
  images: Pick<InstallerImages, 'urlOf' | 'schematicIdOf'>;
  /** Credentials of the Talos API. */
  clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;
}

/**
 * The versions that the machines run: Talos machine by machine, then Kubernetes. What depends on it finds both as they should
 * be; before there is a cluster, it does nothing.
 */
export class Versions extends pulumi.ComponentResource {
  constructor(name: string, args: VersionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:Versions', name, {}, opts);
    const { definition, images, clientConfiguration } = args;
    const { rollout, versions } = definition;
    const addressOf = (node: Node) => ({
      name: node.name,
      node: node.address,
      endpoint: nodeDialAddress(definition, node),
    });
    const order = rollOrder(definition.nodes, rollout.workersAtOnce);
    const machines = order.map(({ node }) => addressOf(node));
    const ofRole = (role: Node['role']) =>
      order.filter(({ node }) => node.role === role).map(({ node }) => addressOf(node));
    const shared = {
      cluster: name,
      controlPlanes: ofRole('controlplane'),
      clientConfiguration,
      gateTimeoutSeconds: rollout.gateTimeoutSeconds,
    };

    const systems = new Map<Node, MachineSystem>();
    for (const { node, after } of order) {
      const before = after.flatMap((other) => systems.get(other) ?? []);
      const system = new MachineSystem(
        node.name,
        {
          ...shared,
          ...addressOf(node),
          role: node.role,
          image: images.urlOf(node),
          version: versions.talos,
          schematic: images.schematicIdOf(node),
          architecture: node.architecture,
          machines,
          drain: rollout.drain,
          healthChecks: rollout.healthChecks,
        },
        // Children do not inherit a component's `dependsOn`.
        pulumi.mergeOptions({ dependsOn: opts?.dependsOn }, { parent: this, dependsOn: before }),
      );
      systems.set(node, system);
    }
    new KubernetesVersion(
      name,
      {
        ...shared,
        version: versions.kubernetes,
        workers: ofRole('worker'),
        workersAtOnce: rollout.workersAtOnce,
      },
      pulumi.mergeOptions({ dependsOn: opts?.dependsOn }, { parent: this, dependsOn: [...systems.values()] }),
    );
    this.registerOutputs({});
  }
}
