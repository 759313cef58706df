import type * as pulumi from '@pulumi/pulumi';

export interface ProviderArgs {
  /** URL of the image factory. Default: https://factory.talos.dev. */
  imageFactoryUrl?: pulumi.Input<string>;
}

/** An explicit Talos provider, needed only to use another image factory. */
export declare class Provider extends pulumi.ProviderResource {
  readonly imageFactoryUrl: pulumi.Output<string | undefined>;
  static isInstance(value: unknown): value is Provider;
  constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions);
  /** The configuration in the form of the Terraform provider that this one bridges. */
  terraformConfig(): pulumi.Output<{ result: Record<string, unknown> }>;
}
