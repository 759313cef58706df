import { Provider } from '@pulumi/kubernetes/provider';
import * as pulumi from '@pulumi/pulumi';

export interface KubernetesProviderArgs {
  /** The cluster's name. */
  cluster: string;
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
}

/** The provider of a cluster's Kubernetes objects. */
export function kubernetesProvider(
  name: string,
  args: KubernetesProviderArgs,
  opts?: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      kubeconfig: pulumi.secret(args.kubeconfig),
      // Without it a renewed kubeconfig would replace the provider and all that it made. It must be there from the
      // first `up` on.
      clusterIdentifier: args.cluster,
      enableServerSideApply: true,
      // A killed run may have made objects that it could not record.
      upsertExistingObjects: true,
      // A rotated token or CA updates what holds it in place; otherwise Pulumi would replace it.
      enableSecretMutable: true,
      enableConfigMapMutable: true,
    },
    opts,
  );
}
