import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import { type ClusterDefinition, nodeDialAddress } from '../../cluster/definition';
import { apiUrl } from '../../cluster/kubeconfig';
import { machinePatches } from '../../cluster/talos/machinePatches';
import { PhaseStart } from '../../provider/resources/sdk';

export interface MachinesArgs {
  definition: ClusterDefinition;
  /** The installer's image reference. */
  installerImage: pulumi.Input<string>;
}

/** Generates the cluster's secrets and applies every machine's configuration. */
export class Machines extends pulumi.ComponentResource {
  /** Credentials of the Talos API. Secret. */
  readonly clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;
  /** ISO time: when the first machine was about to be configured. */
  readonly startedAt: pulumi.Output<string>;

  constructor(name: string, args: MachinesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:Machines', name, {}, opts);
    const { definition, installerImage } = args;
    const { talos: talosVersion, kubernetes: kubernetesVersion } = definition.versions;

    // Not `protect`, which would make every `pulumi destroy` of the stack fail immediately. `destroy` removes them only
    // from the state, but the next `up` would generate new secrets: export the stack before you destroy it.
    const secrets = new talos.machine.Secrets(name, { talosVersion }, { parent: this, retainOnDelete: true });
    this.clientConfiguration = pulumi.secret(secrets.clientConfiguration);

    // Children do not inherit a component's `dependsOn`.
    const start = new PhaseStart(`${name}-talos`, { phase: 'talos' }, { parent: this, dependsOn: opts?.dependsOn });
    this.startedAt = start.startedAt;

    for (const node of definition.nodes) {
      const configuration = talos.machine.getConfigurationOutput(
        {
          clusterName: definition.name,
          clusterEndpoint: apiUrl(definition.apiHost),
          machineType: node.role,
          machineSecrets: secrets.machineSecrets,
          talosVersion,
          kubernetesVersion,
          docs: false,
          examples: false,
          configPatches: pulumi.output(installerImage).apply((image) => machinePatches(definition, node, image)),
        },
        { parent: this },
      );
      // Named after the node, whose name is unique across clusters.
      new talos.machine.ConfigurationApply(
        node.name,
        {
          node: node.address,
          endpoint: nodeDialAddress(definition, node),
          applyMode: definition.applyMode,
          clientConfiguration: this.clientConfiguration,
          machineConfigurationInput: configuration.machineConfiguration,
        },
        pulumi.mergeOptions({ dependsOn: opts?.dependsOn }, { parent: this, dependsOn: start }),
      );
    }
    this.registerOutputs({ clientConfiguration: this.clientConfiguration, startedAt: this.startedAt });
  }
}
