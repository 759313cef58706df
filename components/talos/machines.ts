import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import { type ClusterDefinition, machineTargetOf, stayingControlPlanes } from '../../cluster/definition';
import { apiUrl } from '../../cluster/kubeconfig';
import { rollOrder } from '../../cluster/rollout/rollOrder';
import { machinePatches } from '../../cluster/talos/machinePatches';
import type { Node } from '../../cluster/stackSchema';
import type { Vault } from '../onepassword/vault';
import type { InstallerImages } from './installerImages';
import { Versions } from './versions';
import { ClusterNodes, MachineConfiguration, PhaseStart } from '../../provider/resources/sdk';
import { clusterSecrets } from './clusterSecrets';

export interface MachinesArgs {
  definition: ClusterDefinition;
  /** Where the machine secrets are kept. */
  vault: Vault;
  images: Pick<InstallerImages, 'urlOf' | 'schematicIdOf'>;
  /** The secrets of the stack that machines refer to, by key; absent if they refer to none. */
  stackSecrets?: pulumi.Output<Record<string, string>>;
}

/** Generates the cluster's secrets, and brings every machine to its configuration, one after the other. */
export class Machines extends pulumi.ComponentResource {
  /** Credentials of the Talos API. Secret. */
  readonly clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;
  /** ISO time: when the first machine was about to be configured. */
  readonly startedAt: pulumi.Output<string>;

  constructor(name: string, args: MachinesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:Machines', name, {}, opts);
    const { definition, images } = args;
    const { kubernetes: kubernetesVersion } = definition.versions;

    const secrets = clusterSecrets(name, { definition, vault: args.vault }, { parent: this });
    this.clientConfiguration = secrets.clientConfiguration;

    // Children do not inherit a component's `dependsOn`.
    const start = new PhaseStart(`${name}-talos`, { phase: 'talos' }, { parent: this, dependsOn: opts?.dependsOn });
    this.startedAt = start.startedAt;

    const targetOf = (node: Node) => machineTargetOf(definition, node);
    const { drain, gateTimeoutSeconds, healthChecks, workersAtOnce } = definition.rollout;
    const roll = { cluster: definition.name, clientConfiguration: this.clientConfiguration, drain };
    // Before all changes: a node that is dead would hold up every one of them.
    const nodes = new ClusterNodes(
      name,
      {
        ...roll,
        nodes: definition.nodes.map((node) => ({ ...targetOf(node), role: node.role, leaving: node.leaving })),
        timeoutSeconds: gateTimeoutSeconds,
      },
      { parent: this, dependsOn: start },
    );

    // Before configurations: those of the new versions then find nothing to change.
    const versions = new Versions(
      name,
      { definition, images, clientConfiguration: this.clientConfiguration },
      { parent: this, dependsOn: nodes },
    );

    const contract = pulumi.output(definition.talosConfigVersion ?? secrets.talosVersion);
    const configured = new Map<Node, pulumi.Resource>();
    for (const { node, after } of rollOrder(definition.nodes, workersAtOnce)) {
      const configuration = talos.machine.getConfigurationOutput(
        {
          clusterName: definition.name,
          clusterEndpoint: apiUrl(definition.apiHost, definition.apiPort),
          machineType: node.role,
          machineSecrets: secrets.machineSecrets,
          talosVersion: contract,
          kubernetesVersion,
          docs: false,
          examples: false,
          configPatches: pulumi
            .all([images.urlOf(node), contract, args.stackSecrets ?? {}])
            .apply(([image, format, stackSecrets]) => machinePatches(definition, node, image, format, stackSecrets)),
        },
        { parent: this },
      );
      // Named after the node, whose name is unique across clusters.
      const machine = new MachineConfiguration(
        node.name,
        {
          ...roll,
          ...targetOf(node),
          role: node.role,
          configuration: configuration.machineConfiguration,
          controlPlanes: stayingControlPlanes(definition).map(targetOf),
          applyMode: definition.applyMode,
          gateTimeoutSeconds,
          healthChecks,
        },
        pulumi.mergeOptions(
          { dependsOn: opts?.dependsOn },
          { parent: this, dependsOn: [versions, ...after.flatMap((earlier) => configured.get(earlier) ?? [])] },
        ),
      );
      configured.set(node, machine);
    }
    this.registerOutputs({ clientConfiguration: this.clientConfiguration, startedAt: this.startedAt });
  }
}
