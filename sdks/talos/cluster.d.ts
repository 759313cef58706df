import type * as pulumi from '@pulumi/pulumi';
import type { ClientConfiguration, KubernetesClientConfiguration } from './types';

export interface KubeconfigArgs {
  /** Go duration before expiry from which on an `up` renews the certificate; '720h' when left out. */
  certificateRenewalDuration?: pulumi.Input<string>;
  clientConfiguration: pulumi.Input<ClientConfiguration>;
  /** Where the machine is dialled; `node` when left out. */
  endpoint?: pulumi.Input<string>;
  /** The control plane that is asked. */
  node: pulumi.Input<string>;
  timeouts?: pulumi.Input<{ create?: pulumi.Input<string>; update?: pulumi.Input<string> }>;
}

export interface KubeconfigState extends Partial<KubeconfigArgs> {
  kubeconfigRaw?: pulumi.Input<string>;
  kubernetesClientConfiguration?: pulumi.Input<KubernetesClientConfiguration>;
}

/** An admin kubeconfig, fetched once and renewed by `up` before it expires. A changed node does not fetch it again. */
export declare class Kubeconfig extends pulumi.CustomResource {
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: KubeconfigState,
    opts?: pulumi.CustomResourceOptions,
  ): Kubeconfig;
  static isInstance(value: unknown): value is Kubeconfig;
  readonly certificateRenewalDuration: pulumi.Output<string>;
  readonly clientConfiguration: pulumi.Output<ClientConfiguration>;
  readonly endpoint: pulumi.Output<string>;
  /** The kubeconfig file's text. Secret. */
  readonly kubeconfigRaw: pulumi.Output<string>;
  /** Secret. */
  readonly kubernetesClientConfiguration: pulumi.Output<KubernetesClientConfiguration>;
  readonly node: pulumi.Output<string>;
  readonly timeouts: pulumi.Output<{ create?: string; update?: string } | undefined>;
  constructor(name: string, args: KubeconfigArgs, opts?: pulumi.CustomResourceOptions);
}

export interface GetHealthArgs {
  clientConfiguration: ClientConfiguration;
  controlPlaneNodes: string[];
  endpoints: string[];
  /** Ask for what comes before Kubernetes only. */
  skipKubernetesChecks?: boolean;
  timeouts?: { read?: string };
  workerNodes?: string[];
}

export interface GetHealthResult extends GetHealthArgs {
  readonly id: string;
}

/** Waits until the cluster is healthy, in previews too: a machine that is not configured yet fails it. */
export declare function getHealth(args: GetHealthArgs, opts?: pulumi.InvokeOptions): Promise<GetHealthResult>;

/** Output form of `getHealth`. */
export declare function getHealthOutput(
  args: { [K in keyof GetHealthArgs]: pulumi.Input<GetHealthArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetHealthResult>;

export interface GetKubeconfigArgs {
  clientConfiguration: ClientConfiguration;
  endpoint?: string;
  node: string;
  timeouts?: { read?: string };
  wait?: boolean;
}

export interface GetKubeconfigResult extends GetKubeconfigArgs {
  readonly endpoint: string;
  readonly id: string;
  /** Secret. */
  readonly kubeconfigRaw: string;
  /** Secret. */
  readonly kubernetesClientConfiguration: KubernetesClientConfiguration;
}

/** A new admin certificate on every call, so a difference in every preview: use the `Kubeconfig` resource. */
export declare function getKubeconfig(
  args: GetKubeconfigArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetKubeconfigResult>;

/** Output form of `getKubeconfig`; the result is secret. */
export declare function getKubeconfigOutput(
  args: { [K in keyof GetKubeconfigArgs]: pulumi.Input<GetKubeconfigArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetKubeconfigResult>;
