import { join } from 'node:path';
import {
  loadPackageDefinition,
  Metadata,
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
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

type ListCall = (request: object, metadata: Metadata, options: object) => ClientReadableStream<ListResponse>;

interface ListResponse {
  resource?: { metadata?: { id: string } | null; spec?: { yaml_spec: string } | null } | null;
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
  ) {
    this.client = new (stateService())(channelAddress(target.endpoint, port), channel, channelOptions);
  }

  /** Connects with the identity of the cluster; without one, as to a machine in maintenance mode. */
  static open(target: TalosTarget, identity?: TalosClientConfiguration, port = talosPort): TalosResources {
    const channel = identity === undefined ? maintenanceCredentials() : identityCredentials(target, identity);
    return new TalosResources(target, channel, port);
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

  async links(): Promise<MachineLink[]> {
    return this.list<MachineLink>('network', 'LinkStatuses.net.talos.dev');
  }

  /** The specs of all resources of a type, each with the `id` of its resource. */
  private list<Spec extends object>(namespace: string, type: string, deadlineSeconds = 10): Promise<(Spec & Id)[]> {
    const metadata = new Metadata();
    metadata.set('node', this.target.node);
    const call = (this.client as unknown as Record<string, ListCall>)['List'];
    if (!call) throw new Error('state.proto has no call List');
    const options = { deadline: Date.now() + deadlineSeconds * 1000 };
    return new Promise((resolve, reject) => {
      const found: (Spec & Id)[] = [];
      const stream = call.call(this.client, { namespace, type }, metadata, options);
      stream.on('data', ({ resource }: ListResponse) => {
        const spec = parse(resource?.spec?.yaml_spec ?? '') as Spec | null;
        found.push({ ...(spec ?? ({} as Spec)), id: resource?.metadata?.id ?? '' });
      });
      stream.on('error', (error: ServiceError) => reject(new TalosError(error.code, error.details)));
      stream.on('end', () => resolve(found));
    });
  }
}

interface Id {
  id: string;
}

let service: ServiceClientConstructor | undefined;

function stateService(): ServiceClientConstructor {
  if (service) return service;
  const includeDirs = [join(__dirname, 'protos')];
  const definition = loadSync('state.proto', { includeDirs, keepCase: true, defaults: true });
  const cosi = loadPackageDefinition(definition).cosi as unknown as { resource: { State: ServiceClientConstructor } };
  return (service = cosi.resource.State);
}
