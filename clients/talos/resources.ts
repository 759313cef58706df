import { join } from 'node:path';
import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import { parse } from 'yaml';
import {
  channelAddress,
  channelOptions,
  identityCredentials,
  maintenanceCredentials,
  talosPort,
  type TalosTarget,
} from './dial';
import { TalosError } from './errors';
import type { TalosClient } from './client';
import type { TalosClientConfiguration } from './identity';

/** A disk as Talos reports it (Disks.block.talos.dev); unknown properties are absent. */
export interface MachineDisk {
  dev_path: string;
  /** Bytes. */
  size: number;
  readonly?: boolean;
  cdrom?: boolean;
  model?: string;
  serial?: string;
  wwid?: string;
  bus_path?: string;
  transport?: string;
  rotational?: boolean;
  symlinks?: string[];
}

/** A network link as Talos reports it (LinkStatuses.net.talos.dev). */
export interface MachineLink {
  /** Kernel name. */
  id: string;
  alias?: string;
  altNames?: string[];
  /** `ether`, `loopback`, … */
  type?: string;
  /** Empty for hardware; `bond`, `vlan`, … otherwise. */
  kind?: string;
  hardwareAddr?: string;
  /** Hardware address that does not change in a bond. */
  permanentAddr?: string;
  busPath?: string;
  driver?: string;
}

/** State of a machine as Talos reports it (MachineStatuses.runtime.talos.dev). */
export interface MachineStatus {
  /** `booting`, `installing`, `maintenance`, `running`, `rebooting`, `shutting-down`, `resetting`, `upgrading`, … */
  stage: string;
  ready: boolean;
  unmetConditions: { name: string; reason: string }[];
}

/** The configurations of a machine, each the bytes that were submitted. Secret. */
export interface MachineConfigurations {
  /** What the machine runs with. */
  active?: string;
  /** What it boots with: ahead of the active one if that was staged, behind it during a `try`. */
  persistent?: string;
}

/** A component of the control plane, as the pod of the kubelet is named. */
export type StaticPod = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/** What a component of the control plane should run with. */
export interface StaticPodConfig {
  image: string;
  /** Its pod has this in the annotation `talos.dev/config-version` as soon as it runs with it. */
  version: string;
}

const staticPodConfigs: Record<StaticPod, string> = {
  'kube-apiserver': 'APIServerConfigs.kubernetes.talos.dev',
  'kube-controller-manager': 'ControllerManagerConfigs.kubernetes.talos.dev',
  'kube-scheduler': 'SchedulerConfigs.kubernetes.talos.dev',
};

type ListCall = (request: object, metadata: Metadata, options: object) => ClientReadableStream<ListResponse>;

interface ListResponse {
  resource?: {
    metadata?: { id: string; version?: string } | null;
    spec?: { proto_spec: Buffer; yaml_spec: string } | null;
  } | null;
}

/**
 * A client for the COSI resource API of a machine. It needs a client certificate, except in maintenance mode. Every
 * failed call throws a TalosError.
 */
export class TalosResources {
  private readonly client: Client;

  private constructor(
    private readonly target: TalosTarget,
    channel: ChannelCredentials,
    port: number,
    options: object = {},
  ) {
    this.client = new (stateService())(channelAddress(target.endpoint, port), channel, {
      ...channelOptions,
      ...options,
    });
  }

  /** Connects with the identity of the cluster; without one, as to a machine in maintenance mode. */
  static open(target: TalosTarget, identity?: TalosClientConfiguration, port = talosPort): TalosResources {
    const channel = identity === undefined ? maintenanceCredentials() : identityCredentials(target, identity);
    return new TalosResources(target, channel, port);
  }

  /** Uses the connection of a client, which closes it: the API of a machine serves both. */
  static over(target: TalosTarget, client: TalosClient): TalosResources {
    return new TalosResources(target, credentials.createInsecure(), talosPort, { channelOverride: client.channel });
  }

  /** Closes the connection. */
  close(): void {
    this.client.close();
  }

  /** Version of the running Talos, such as `v1.11.2`; undefined if the machine does not report it. */
  async version(): Promise<string | undefined> {
    const [version] = await this.list<{ version?: string }>('runtime', 'Versions.runtime.talos.dev');
    return version?.version;
  }

  async disks(): Promise<MachineDisk[]> {
    return this.list<MachineDisk>('runtime', 'Disks.block.talos.dev');
  }

  /** The names of the volumes that Talos manages, such as `EPHEMERAL`, or `u-data` for the user volume `data`. */
  async volumes(): Promise<string[]> {
    const volumes = await this.list<object>('runtime', 'VolumeStatuses.block.talos.dev');
    return volumes.map(({ id }) => id);
  }

  async links(): Promise<MachineLink[]> {
    return this.list<MachineLink>('network', 'LinkStatuses.net.talos.dev');
  }

  /** Stage and readiness; undefined if the machine does not report them. */
  async machineStatus(): Promise<MachineStatus | undefined> {
    const [found] = await this.list<{ stage?: string; status?: ReportedStatus }>(
      'runtime',
      'MachineStatuses.runtime.talos.dev',
    );
    if (found === undefined) return undefined;
    const { ready = false, unmetConditions } = found.status ?? {};
    return { stage: found.stage ?? '', ready, unmetConditions: unmetConditions ?? [] };
  }

  /** The id of the schematic of the system that runs; undefined if its image does not say. */
  async schematic(): Promise<string | undefined> {
    const extensions = await this.list<{ metadata?: { name?: string; version?: string } }>(
      'runtime',
      'ExtensionStatuses.runtime.talos.dev',
    );
    return extensions.find(({ metadata }) => metadata?.name === 'schematic')?.metadata?.version;
  }

  /** Whether the machine booted with Secure Boot; undefined if it does not say. */
  async secureBoot(): Promise<boolean | undefined> {
    const [state] = await this.list<{ secureBoot?: boolean }>('runtime', 'SecurityStates.talos.dev');
    return state?.secureBoot;
  }

  /** What a component of the control plane should run with; undefined before it is configured. */
  async staticPodConfig(component: StaticPod): Promise<StaticPodConfig | undefined> {
    let found: StaticPodConfig | undefined;
    await this.each('controlplane', staticPodConfigs[component], 10, ({ resource }) => {
      const { image = '' } = (parse(resource?.spec?.yaml_spec ?? '') ?? {}) as { image?: string };
      found = { image, version: resource?.metadata?.version ?? '' };
    });
    return found;
  }

  /** The machine's configurations; only for admins. */
  async configurations(deadlineSeconds = 10): Promise<MachineConfigurations> {
    const found: Record<string, string> = {};
    await this.each('config', 'MachineConfigs.config.talos.dev', deadlineSeconds, ({ resource }) => {
      found[resource?.metadata?.id ?? ''] = configurationText(resource?.spec?.proto_spec ?? Buffer.alloc(0));
    });
    return {
      ...(found.v1alpha1 !== undefined && { active: found.v1alpha1 }),
      ...(found.persistent !== undefined && { persistent: found.persistent }),
    };
  }

  /** The specs of all resources of a type, each with the `id` of its resource. */
  private async list<Spec extends object>(
    namespace: string,
    type: string,
    deadlineSeconds = 10,
  ): Promise<(Spec & Id)[]> {
    const found: (Spec & Id)[] = [];
    await this.each(namespace, type, deadlineSeconds, ({ resource }) => {
      const spec = parse(resource?.spec?.yaml_spec ?? '') as Spec | null;
      found.push({ ...(spec ?? ({} as Spec)), id: resource?.metadata?.id ?? '' });
    });
    return found;
  }

  private each(
    namespace: string,
    type: string,
    deadlineSeconds: number,
    receive: (response: ListResponse) => void,
  ): Promise<void> {
    const metadata = new Metadata();
    metadata.set('node', this.target.node);
    const call = (this.client as unknown as Record<string, ListCall>)['List'];
    if (!call) throw new Error('state.proto has no call List');
    const options = { deadline: Date.now() + deadlineSeconds * 1000 };
    return new Promise((resolve, reject) => {
      const stream = call.call(this.client, { namespace, type }, metadata, options);
      stream.on('data', receive);
      stream.on('error', (error: ServiceError) => reject(new TalosError(error.code, error.details)));
      stream.on('end', () => resolve());
    });
  }
}

interface Id {
  id: string;
}

interface ReportedStatus {
  ready?: boolean;
  unmetConditions?: { name: string; reason: string }[] | null;
}

/** The configuration in the spec of a MachineConfig. Its YAML form is the text itself before Talos 1.12, then a string. */
function configurationText(protoSpec: Buffer): string {
  const message = stateProto()['cosi.resource.MachineConfigSpec'] as MessageTypeDefinition<object, object>;
  return (message.deserialize(protoSpec) as { yaml_marshalled: Buffer }).yaml_marshalled.toString('utf8');
}

let definition: PackageDefinition | undefined;

function stateProto(): PackageDefinition {
  const includeDirs = [join(__dirname, 'protos')];
  return (definition ??= loadSync('state.proto', { includeDirs, keepCase: true, defaults: true }));
}

let service: ServiceClientConstructor | undefined;

function stateService(): ServiceClientConstructor {
  if (service) return service;
  const cosi = loadPackageDefinition(stateProto()).cosi as unknown as { resource: { State: ServiceClientConstructor } };
  return (service = cosi.resource.State);
}
