import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import { type ClusterDefinition, controlPlanes, dialAddress, firstControlPlane } from '../../cluster/definition';
import { apiUrl, withServer } from '../../cluster/kubeconfig';
import { EtcdBootstrap } from '../../provider/resources/sdk';

export interface ControlPlaneArgs {
  definition: ClusterDefinition;
  /** Credentials of the Talos API. */
  clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;
}

/** Etcd, born once on the first control plane, and the credentials for both APIs. */
export class ControlPlane extends pulumi.ComponentResource {
  /** Admin kubeconfig that dials the first control plane, for the program itself. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Admin kubeconfig with the API's DNS name, for people. Secret. */
  readonly exportedKubeconfig: pulumi.Output<string>;
  /** Secret. */
  readonly talosconfig: pulumi.Output<string>;
  /** ISO times of the etcd bootstrap, from when the machines had their configuration. */
  readonly phase: { startedAt: pulumi.Output<string>; finishedAt: pulumi.Output<string> };

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:ControlPlane', name, {}, opts);
    const { definition, clientConfiguration } = args;
    const first = firstControlPlane(definition);
    const target = { node: first.address, endpoint: dialAddress(first), clientConfiguration };

    // The Talos provider's own bootstrap would retry ten minutes where etcd exists already, as after a killed run.
    const etcd = new EtcdBootstrap(
      name,
      { ...target, cluster: definition.name, timeoutSeconds: definition.timeouts.etcd },
      // A component's children do not inherit what it depends on.
      { parent: this, dependsOn: opts?.dependsOn },
    );
    this.phase = { startedAt: etcd.startedAt, finishedAt: etcd.finishedAt };

    const admin = new talos.cluster.Kubeconfig(name, target, { parent: this, dependsOn: etcd });
    this.kubeconfig = pulumi.secret(admin.kubeconfigRaw.apply((raw) => withServer(raw, apiUrl(target.endpoint))));
    this.exportedKubeconfig = pulumi.secret(
      admin.kubeconfigRaw.apply((raw) => withServer(raw, apiUrl(definition.apiHost))),
    );
    this.talosconfig = talos.client.getConfigurationOutput(
      {
        clusterName: definition.name,
        clientConfiguration,
        endpoints: controlPlanes(definition).map(dialAddress),
        nodes: definition.nodes.map((node) => node.address),
      },
      { parent: this },
    ).talosConfig;
    this.registerOutputs({
      kubeconfig: this.kubeconfig,
      exportedKubeconfig: this.exportedKubeconfig,
      talosconfig: this.talosconfig,
    });
  }
}
