import { ConfigMap, Namespace, Secret } from '@pulumi/kubernetes/core/v1';
import * as pulumi from '@pulumi/pulumi';
import {
  bootstrapNamespaces,
  ciliumCaBundle,
  ciliumCaSecret,
  connectTokenNamespace,
  fluxNamespace,
} from '../../cluster/bootstrapOrder';

export interface BootstrapPrerequisitesArgs {
  /** The name of the Secret with the Connect token. */
  connectTokenSecret: string;
  /** The read-only Connect token. Secret. */
  connectToken: pulumi.Input<string>;
  /** The Secret that Flux reads a private repository with: its name and its data. Secret. */
  git: { secret: string; data: Record<string, string> } | undefined;
  /** Cilium's CA, and the bundle of all trusted CAs. PEM. */
  ciliumCa: { certificate: pulumi.Input<string>; privateKey: pulumi.Input<string>; bundle: pulumi.Input<string> };
}

/**
 * What the core releases need: namespaces, the Connect token, Cilium's CA and the bundle of trusted CAs. Requires a
 * Kubernetes provider.
 */
export class BootstrapPrerequisites extends pulumi.ComponentResource {
  constructor(name: string, args: BootstrapPrerequisitesArgs, opts: pulumi.ComponentResourceOptions) {
    super(
      'k8s-gitops:bootstrap:BootstrapPrerequisites',
      name,
      {},
      pulumi.mergeOptions(opts, { aliases: [{ type: 'k8s-gitops:bootstrap:Roots' }] }),
    );
    // Deleting a namespace deletes everything in it. `destroy` must not affect any release: it only changes the state.
    const kept = { parent: this, retainOnDelete: true, dependsOn: opts.dependsOn };

    const namespaces = bootstrapNamespaces.map(
      (namespace) =>
        new Namespace(
          `${name}-${namespace}`,
          // Only this annotation, because Flux owns the labels. Flux must never prune these namespaces. The spelling is
          // that of flux-operator on its own namespace: Flux ignores case, server-side apply does not.
          { metadata: { name: namespace, annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'Disabled' } } },
          kept,
        ),
    );
    new Secret(
      `${name}-connect-token`,
      {
        metadata: { name: args.connectTokenSecret, namespace: connectTokenNamespace },
        type: 'Opaque',
        data: { token: base64(args.connectToken) },
      },
      { ...kept, dependsOn: namespaces },
    );
    new Secret(
      `${name}-cilium-ca`,
      {
        metadata: { ...ciliumCaSecret },
        type: 'Opaque',
        data: { 'ca.crt': base64(args.ciliumCa.certificate), 'ca.key': base64(args.ciliumCa.privateKey) },
      },
      kept,
    );
    new ConfigMap(
      `${name}-cilium-ca-bundle`,
      {
        metadata: { name: ciliumCaBundle.name, namespace: ciliumCaBundle.namespace },
        data: { [ciliumCaBundle.key]: args.ciliumCa.bundle },
      },
      kept,
    );
    if (args.git !== undefined) {
      const data = Object.entries(args.git.data).map(([key, value]) => [key, base64(value)] as const);
      new Secret(
        `${name}-git-credentials`,
        {
          metadata: { name: args.git.secret, namespace: fluxNamespace },
          type: 'Opaque',
          data: Object.fromEntries(data),
        },
        { ...kept, dependsOn: namespaces },
      );
    }
    this.registerOutputs({});
  }
}

function base64(value: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.secret(pulumi.output(value).apply((text) => Buffer.from(text, 'utf8').toString('base64')));
}
