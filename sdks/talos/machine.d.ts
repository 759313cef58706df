import type * as pulumi from '@pulumi/pulumi';
import type { ClientConfiguration, MachineSecrets, Timeout } from './types';

export interface BootstrapArgs {
  clientConfiguration?: pulumi.Input<ClientConfiguration>;
  /** Write-only variant: never stored in the state. */
  clientConfigurationWo?: pulumi.Input<ClientConfiguration>;
  endpoint?: pulumi.Input<string>;
  node: pulumi.Input<string>;
  timeouts?: pulumi.Input<{ create?: pulumi.Input<string> }>;
}

/** Bootstraps etcd. If the member is already bootstrapped, it retries until its timeout (ten minutes). */
export declare class Bootstrap extends pulumi.CustomResource {
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: Partial<BootstrapArgs>,
    opts?: pulumi.CustomResourceOptions,
  ): Bootstrap;
  static isInstance(value: unknown): value is Bootstrap;
  readonly clientConfiguration: pulumi.Output<ClientConfiguration | undefined>;
  readonly clientConfigurationWo: pulumi.Output<ClientConfiguration | undefined>;
  readonly endpoint: pulumi.Output<string>;
  readonly node: pulumi.Output<string>;
  readonly timeouts: pulumi.Output<{ create?: string } | undefined>;
  constructor(name: string, args: BootstrapArgs, opts?: pulumi.CustomResourceOptions);
}

export interface ConfigurationApplyArgs {
  /** auto (the default), reboot, no_reboot, staged or staged_if_needing_reboot; the last dials the node in previews. */
  applyMode?: pulumi.Input<string>;
  clientConfiguration?: pulumi.Input<ClientConfiguration>;
  /** Write-only variant: never stored in the state. */
  clientConfigurationWo?: pulumi.Input<ClientConfiguration>;
  /** Strategic merge patches or JSON patches, as YAML text. */
  configPatches?: pulumi.Input<pulumi.Input<string>[]>;
  /** The address at which the machine is dialled. Default: `node`. */
  endpoint?: pulumi.Input<string>;
  /** Secret. */
  machineConfigurationInput?: pulumi.Input<string>;
  /** Write-only variant: never stored in the state. Secret. */
  machineConfigurationInputWo?: pulumi.Input<string>;
  /** The machine's own address. */
  node: pulumi.Input<string>;
  /** Only `reset: true` affects the machine: it wipes it. */
  onDestroy?: pulumi.Input<{ graceful?: boolean; reboot?: boolean; reset?: boolean }>;
  timeouts?: pulumi.Input<Timeout>;
}

export interface ConfigurationApplyState extends Partial<ConfigurationApplyArgs> {
  machineConfiguration?: pulumi.Input<string>;
  machineConfigurationHash?: pulumi.Input<string>;
  resolvedApplyMode?: pulumi.Input<string>;
}

/** Sends a machine its configuration. Returns once the machine accepts it; never reads it back. */
export declare class ConfigurationApply extends pulumi.CustomResource {
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: ConfigurationApplyState,
    opts?: pulumi.CustomResourceOptions,
  ): ConfigurationApply;
  static isInstance(value: unknown): value is ConfigurationApply;
  readonly applyMode: pulumi.Output<string>;
  readonly clientConfiguration: pulumi.Output<ClientConfiguration | undefined>;
  readonly clientConfigurationWo: pulumi.Output<ClientConfiguration | undefined>;
  readonly configPatches: pulumi.Output<string[] | undefined>;
  readonly endpoint: pulumi.Output<string>;
  /** Secret. */
  readonly machineConfiguration: pulumi.Output<string>;
  readonly machineConfigurationHash: pulumi.Output<string>;
  readonly machineConfigurationInput: pulumi.Output<string | undefined>;
  readonly machineConfigurationInputWo: pulumi.Output<string | undefined>;
  readonly node: pulumi.Output<string>;
  readonly onDestroy: pulumi.Output<{ graceful?: boolean; reboot?: boolean; reset?: boolean } | undefined>;
  /** The mode that was chosen during planning. */
  readonly resolvedApplyMode: pulumi.Output<string>;
  readonly timeouts: pulumi.Output<Timeout | undefined>;
  constructor(name: string, args: ConfigurationApplyArgs, opts?: pulumi.CustomResourceOptions);
}

export interface SecretsArgs {
  /** The Talos version whose format the secrets are first generated in, such as 'v1.11.2'. */
  talosVersion?: pulumi.Input<string>;
}

export interface SecretsState extends SecretsArgs {
  clientConfiguration?: pulumi.Input<ClientConfiguration>;
  machineSecrets?: pulumi.Input<MachineSecrets>;
}

/** A cluster's secrets, generated once. An `up` renews the client certificate during its last month. */
export declare class Secrets extends pulumi.CustomResource {
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: SecretsState,
    opts?: pulumi.CustomResourceOptions,
  ): Secrets;
  static isInstance(value: unknown): value is Secrets;
  /** Secret. */
  readonly clientConfiguration: pulumi.Output<ClientConfiguration>;
  /** Secret. */
  readonly machineSecrets: pulumi.Output<MachineSecrets>;
  readonly talosVersion: pulumi.Output<string>;
  constructor(name: string, args?: SecretsArgs, opts?: pulumi.CustomResourceOptions);
}

export interface GetConfigurationArgs {
  /** The Kubernetes API's URL, with https:// and port. */
  clusterEndpoint: string;
  clusterName: string;
  /** Patches as YAML text, applied in order. */
  configPatches?: string[];
  docs?: boolean;
  examples?: boolean;
  /** Always set it: the default is the version built into the provider. */
  kubernetesVersion?: string;
  machineSecrets: MachineSecrets;
  machineType: string;
  /** Always set it: the default is the provider's own version, whose documents an older Talos rejects. */
  talosVersion?: string;
}

export interface GetConfigurationResult extends GetConfigurationArgs {
  readonly id: string;
  /** Secret. */
  readonly machineConfiguration: string;
}

/** Generates a machine configuration locally, without calling a machine. The promise's result is not marked secret: prefer the Output form. */
export declare function getConfiguration(
  args: GetConfigurationArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetConfigurationResult>;

/** Generates a machine configuration locally, without calling a machine. The result is secret. */
export declare function getConfigurationOutput(
  args: { [K in keyof GetConfigurationArgs]: pulumi.Input<GetConfigurationArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConfigurationResult>;

export interface GetDisksArgs {
  clientConfiguration: ClientConfiguration;
  endpoint?: string;
  node: string;
  /** A CEL expression over `disk`. */
  selector?: string;
  timeouts?: { read?: string };
}

export interface GetDisksResult extends GetDisksArgs {
  readonly disks: {
    busPath: string;
    cdrom: boolean;
    devPath: string;
    ioSize: number;
    modalias: string;
    model: string;
    prettySize: string;
    readonly: boolean;
    rotational: boolean;
    secondaryDisks: string[];
    sectorSize: number;
    serial: string;
    size: number;
    subSystem: string;
    symlinks: string[];
    transport: string;
    uuid: string;
    wwid: string;
  }[];
  readonly endpoint: string;
  readonly id: string;
}

/** The disks of a machine, configured or not. */
export declare function getDisks(args: GetDisksArgs, opts?: pulumi.InvokeOptions): Promise<GetDisksResult>;

/** Output form of `getDisks`; secret as a whole, because it contains the credentials. */
export declare function getDisksOutput(
  args: { [K in keyof GetDisksArgs]: pulumi.Input<GetDisksArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetDisksResult>;
