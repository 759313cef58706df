import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import { type ClusterDefinition, dialAddress } from '../../cluster/definition';
import { apiUrl } from '../../cluster/kubeconfig';
import { machinePatches } from '../../cluster/talos/machinePatches';

export interface MachinesArgs {
  definition: ClusterDefinition;
  /** The installer's image reference. */
  installerImage: pulumi.Input<string>;
}

/** The cluster's secrets and every machine's configuration, sent to the machines. */
export class Machines extends pulumi.ComponentResource {
  /** Credentials of the Talos API. Secret. */
  readonly clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;

  constructor(name: string, args: MachinesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:Machines', name, {}, opts);
    const { definition, installerImage } = args;
    const { talos: talosVersion, kubernetes: kubernetesVersion } = definition.versions;

    // Not `protect`: that would make every `pulumi destroy` of the stack fail before it starts. Forgetting them
    // touches no machine, but a new `up` would make other secrets: export the stack before destroying it.
    const secrets = new talos.machine.Secrets(name, { talosVersion }, { parent: this, retainOnDelete: true });
    this.clientConfiguration = pulumi.secret(secrets.clientConfiguration);

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
      // Named by the node, which is unique among all clusters.
      new talos.machine.ConfigurationApply(
        node.name,
        {
          node: node.address,
          endpoint: dialAddress(node),
          applyMode: definition.applyMode,
          clientConfiguration: this.clientConfiguration,
          machineConfigurationInput: configuration.machineConfiguration,
        },
        // A component's children do not inherit what it depends on.
        { parent: this, dependsOn: opts?.dependsOn },
      );
    }
    this.registerOutputs({ clientConfiguration: this.clientConfiguration });
  }
}
