import type * as pulumi from '@pulumi/pulumi';
import type { ClientConfiguration, KubernetesClientConfiguration } from './types';

export interface KubeconfigArgs {
  /**
   * How long before its expiry an `up` renews the certificate, as a Go duration. Default: '720h'. Once set, it must
   * stay: after its removal, `up` fails with `unexpected unknown property value for "kubeconfigRaw"`, until
   * `pulumi up --replace <urn of the Kubeconfig>`.
   */
  certificateRenewalDuration?: pulumi.Input<string>;
  clientConfiguration: pulumi.Input<ClientConfiguration>;
  /** The address at which the machine is dialled. Default: `node`. */
  endpoint?: pulumi.Input<string>;
  /** The control plane to fetch it from. */
  node: pulumi.Input<string>;
  timeouts?: pulumi.Input<{ create?: pulumi.Input<string>; update?: pulumi.Input<string> }>;
}

export interface KubeconfigState extends Partial<KubeconfigArgs> {
  kubeconfigRaw?: pulumi.Input<string>;
  kubernetesClientConfiguration?: pulumi.Input<KubernetesClientConfiguration>;
}

/** An admin kubeconfig, fetched once and renewed by `up` before it expires. Changing the node does not fetch it again. */
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
  /** The text of the kubeconfig file. Secret. */
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
  /** Check only what starts before Kubernetes. */
  skipKubernetesChecks?: boolean;
  timeouts?: { read?: string };
  workerNodes?: string[];
}

export interface GetHealthResult extends GetHealthArgs {
  readonly id: string;
}

/** Waits until the cluster is healthy, also in previews, where it fails if a machine is not configured yet. */
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

/** Issues a new admin certificate on every call, so every preview shows a change: use the `Kubeconfig` resource instead. */
export declare function getKubeconfig(
  args: GetKubeconfigArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetKubeconfigResult>;

/** Output form of `getKubeconfig`; the result is secret. */
export declare function getKubeconfigOutput(
  args: { [K in keyof GetKubeconfigArgs]: pulumi.Input<GetKubeconfigArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetKubeconfigResult>;
