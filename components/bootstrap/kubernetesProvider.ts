import { Provider } from '@pulumi/kubernetes/provider';
import * as pulumi from '@pulumi/pulumi';

export interface KubernetesProviderArgs {
  /** The cluster's name. */
  cluster: string;
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
}

/** The Kubernetes provider of a cluster. */
export function kubernetesProvider(
  name: string,
  args: KubernetesProviderArgs,
  opts?: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      kubeconfig: pulumi.secret(args.kubeconfig),
      // Without it, a renewed kubeconfig would replace the provider and all its resources. It must be set from the
      // first `up`.
      clusterIdentifier: args.cluster,
      enableServerSideApply: true,
      // A killed run may have created objects that are not in the state.
      upsertExistingObjects: true,
      // Each create has a field manager of its own. That of an earlier run, or of a person's edit, would keep the field of an
      // adopted object, and every later change of it would be a conflict. Flux sets none of these fields differently.
      enablePatchForce: true,
      // A rotated token or CA updates its Secret and ConfigMap in place; otherwise Pulumi would replace them.
      enableSecretMutable: true,
      enableConfigMapMutable: true,
    },
    opts,
  );
}
