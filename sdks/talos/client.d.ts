import type * as pulumi from '@pulumi/pulumi';
import type { ClientConfiguration } from './types';

export interface GetConfigurationArgs {
  clientConfiguration: ClientConfiguration;
  /** The context's name in the talosconfig. */
  clusterName: string;
  /** Where the API is dialled. */
  endpoints?: string[];
  /** Which machines are spoken to. */
  nodes?: string[];
}

export interface GetConfigurationResult extends GetConfigurationArgs {
  readonly id: string;
  /** The talosconfig file's text. Secret. */
  readonly talosConfig: string;
}

/** Makes a talosconfig; calls nothing. The promise's result is not marked secret: prefer the Output form. */
export declare function getConfiguration(
  args: GetConfigurationArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetConfigurationResult>;

/** Makes a talosconfig; calls nothing. The result is secret. */
export declare function getConfigurationOutput(
  args: { [K in keyof GetConfigurationArgs]: pulumi.Input<GetConfigurationArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConfigurationResult>;
