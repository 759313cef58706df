import type * as pulumi from '@pulumi/pulumi';
import type { ClientConfiguration } from './types';

export interface GetConfigurationArgs {
  clientConfiguration: ClientConfiguration;
  /** The context's name in the talosconfig. */
  clusterName: string;
  /** Addresses at which the API is dialled. */
  endpoints?: string[];
  /** The machines that calls are addressed to. */
  nodes?: string[];
}

export interface GetConfigurationResult extends GetConfigurationArgs {
  readonly id: string;
  /** The text of the talosconfig file. Secret. */
  readonly talosConfig: string;
}

/** Generates a talosconfig locally, without calling a machine. The promise's result is not marked secret: prefer the Output form. */
export declare function getConfiguration(
  args: GetConfigurationArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetConfigurationResult>;

/** Generates a talosconfig locally, without calling a machine. The result is secret. */
export declare function getConfigurationOutput(
  args: { [K in keyof GetConfigurationArgs]: pulumi.Input<GetConfigurationArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConfigurationResult>;
