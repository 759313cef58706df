import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import {
  type ClusterDefinition,
  firstControlPlane,
  machineTargetOf,
  nodeDialAddress,
  stayingControlPlanes,
} from '../../cluster/definition';
import { apiUrl, withServer } from '../../cluster/kubeconfig';
import { EtcdBootstrap } from '../../provider/resources/sdk';

export interface ControlPlaneArgs {
  definition: ClusterDefinition;
  /** Credentials of the Talos API. */
  clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;
}

/** Bootstraps etcd once, on the first control plane, and returns credentials for the Talos and Kubernetes APIs. */
export class ControlPlane extends pulumi.ComponentResource {
  /** Admin kubeconfig for the program; its server is the first control plane. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Admin kubeconfig for people; its server is the API's DNS name. Secret. */
  readonly exportedKubeconfig: pulumi.Output<string>;
  /** Secret. */
  readonly talosconfig: pulumi.Output<string>;
  /** ISO time: when etcd was bootstrapped. */
  readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:ControlPlane', name, {}, opts);
    const { definition, clientConfiguration } = args;
    const first = firstControlPlane(definition);
    const target = { node: first.address, endpoint: nodeDialAddress(definition, first), clientConfiguration };

    // If etcd already exists, as after a killed run, the Talos provider's own bootstrap would retry for ten minutes.
    const etcd = new EtcdBootstrap(
      name,
      {
        ...target,
        cluster: definition.name,
        controlPlanes: stayingControlPlanes(definition).map((node) => machineTargetOf(definition, node)),
        timeoutSeconds: definition.timeouts.etcd,
        again: definition.bootstrapEtcdAgain,
      },
      // Children do not inherit a component's `dependsOn`.
      { parent: this, dependsOn: opts?.dependsOn },
    );
    this.finishedAt = etcd.finishedAt;

    // Without certificateRenewalDuration: it cannot be taken out again (sdks/talos/cluster.d.ts).
    const admin = new talos.cluster.Kubeconfig(name, target, { parent: this, dependsOn: etcd });
    this.kubeconfig = pulumi.secret(admin.kubeconfigRaw.apply((raw) => withServer(raw, apiUrl(target.endpoint))));
    this.exportedKubeconfig = pulumi.secret(
      admin.kubeconfigRaw.apply((raw) => withServer(raw, apiUrl(definition.apiHost, definition.apiPort))),
    );
    this.talosconfig = talos.client.getConfigurationOutput(
      {
        clusterName: definition.name,
        clientConfiguration,
        endpoints: stayingControlPlanes(definition).map((node) => nodeDialAddress(definition, node)),
        nodes: definition.nodes.filter(({ leaving }) => !leaving).map((node) => node.address),
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
