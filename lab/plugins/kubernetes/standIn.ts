import { createHash, randomBytes } from 'node:crypto';
import { KubeApiError, type KubeApi } from '../../agent/kubeApi';
import { asksForForce, connect, create, remove, update, type Cluster, type WriteOptions } from './cluster';
import type { Log } from '../provider/engineLog';
import {
  apiPath,
  checkpoint,
  differences,
  idOf,
  kindOf,
  normalize,
  parseId,
  parseUrn,
  prune,
  replaces,
} from './objects';
import { hasUnknown, isMap, markSecrets, plain, textAt, type Properties } from '../provider/properties';
import type { Path } from '../provider/wire';
import { readProviderConfig, type ProviderConfig } from './providerConfig';

const autonamed = 'pulumi.com/autonamed';
const deleteSeconds = 600;

/** Outcome of comparing state and inputs. */
export interface ObjectDiff {
  changed: Path[];
  replaces: Path[];
  deleteBeforeReplace: boolean;
}

/** What is read of an object; `id` is empty when it is gone. */
export interface ReadResult {
  id: string;
  inputs: Properties;
  state: Properties;
}

/**
 * The stand-in for the official Kubernetes provider: its calls, on plain property bags. It does for Namespaces, Secrets
 * and ConfigMaps what the real one does, also where that hurts: an existing object is an error without `upsertExistingObjects`, a field
 * of another manager is an error, changed contents of a Secret replace it, a cluster that was down at configuration stays
 * unreachable.
 */
export class KubernetesStandIn {
  private config: ProviderConfig = readProviderConfig({});
  private cluster: Cluster = { unreachable: 'the provider was not configured' };
  /** Where messages to people go. */
  log: Log = () => undefined;

  /** Takes the settings and asks the cluster whether it is there. */
  async configure(variables: Record<string, string>): Promise<void> {
    this.config = readProviderConfig(variables);
    this.cluster = await connect(this.config);
  }

  /** Normalises inputs and gives an object without a name one. */
  check(urn: string, olds: Properties, news: Properties, randomSeed: Uint8Array): Properties {
    const inputs = normalize(kindOf(urn), news);
    const metadata = isMap(inputs.metadata) ? inputs.metadata : {};
    if (metadata.name !== undefined || metadata.generateName !== undefined) return inputs;
    const earlier =
      textAt(plain(olds), 'metadata', 'annotations', autonamed) === 'true'
        ? textAt(plain(olds), 'metadata', 'name')
        : undefined;
    const suffix = createHash('sha256')
      .update(randomSeed.length > 0 ? randomSeed : randomBytes(8))
      .digest('hex')
      .slice(0, 8);
    const annotations = isMap(metadata.annotations) ? metadata.annotations : {};
    return {
      ...inputs,
      metadata: {
        ...metadata,
        name: earlier ?? `${parseUrn(urn).name}-${suffix}`,
        annotations: { ...annotations, [autonamed]: 'true' },
      },
    };
  }

  /** Compares what the state says of our fields with the new inputs. */
  diff(urn: string, state: Properties, oldInputs: Properties, newInputs: Properties): ObjectDiff {
    const kind = kindOf(urn);
    const before = prune(plain(state), plain(normalize(kind, oldInputs)));
    const after = plain(normalize(kind, newInputs));
    const changed = differences(before, after);
    const replacing = changed.filter((path) => replaces(kind, path, this.config.mutable));
    const sameName = idOf(before) === idOf(after) && textAt(after, 'metadata', 'annotations', autonamed) !== 'true';
    return { changed, replaces: replacing, deleteBeforeReplace: replacing.length > 0 && sameName };
  }

  /** Creates the object; in a preview as a dry run, or not at all when that cannot be done. */
  async create(urn: string, properties: Properties, preview: boolean): Promise<{ id: string; state: Properties }> {
    const kind = kindOf(urn);
    const api = this.reachable(urn, preview);
    if (api === undefined || (preview && (hasUnknown(properties) || !this.config.serverSideApply)))
      return { id: '', state: properties };
    const inputs = normalize(kind, properties);
    const object = plain(inputs) as Properties;
    const fieldManager = this.newManager(object);
    const options = { ...this.writeOptions(object, fieldManager, preview), upsert: this.config.upsertExistingObjects };
    try {
      const live = await create(api, kind, object, options);
      return { id: preview ? '' : idOf(live), state: checkpoint(kind, live, inputs, fieldManager) };
    } catch (error) {
      if (preview && cannotPreview(error)) return { id: '', state: properties };
      throw new Error(
        `resource "${urn}" was not successfully created by the Kubernetes API server: ${(error as Error).message}`,
      );
    }
  }

  /** Reads the object as it is. Not being able to ask is an error, never "gone". */
  async read(urn: string, id: string, state: Properties, oldInputs: Properties): Promise<ReadResult> {
    const kind = kindOf(urn);
    if ('unreachable' in this.cluster) {
      this.log('warning', urn, `configured Kubernetes cluster is unreachable: ${this.cluster.unreachable}`);
      if (this.config.deleteUnreachable) return { id: '', inputs: {}, state: {} };
      throw new Error(
        'failed to read resource state due to unreachable cluster. If the cluster was deleted, run again with ' +
          'PULUMI_K8S_DELETE_UNREACHABLE=true to drop its objects from the state',
      );
    }
    const { namespace, name } = parseId(id);
    const live = await this.cluster.api.find<Properties>(apiPath(kind, namespace, name));
    if (live === undefined) return { id: '', inputs: {}, state: {} };
    // An import has no inputs yet: everything that is not the server's own becomes input.
    const known = Object.keys(oldInputs).length > 0;
    const before = normalize(kind, known ? oldInputs : importedInputs(live));
    const inputs = markSecrets(prune(live, plain(before)), before) as Properties;
    return { id, inputs, state: checkpoint(kind, live, before, managerOf(state)) };
  }

  /** Updates the object in place. */
  async update(urn: string, state: Properties, properties: Properties, preview: boolean): Promise<Properties> {
    const kind = kindOf(urn);
    const api = this.reachable(urn, preview);
    if (api === undefined || (preview && hasUnknown(properties))) return properties;
    const inputs = normalize(kind, properties);
    const object = plain(inputs) as Properties;
    const fieldManager = managerOf(state);
    try {
      const live = await update(api, kind, object, this.writeOptions(object, fieldManager, preview));
      return checkpoint(kind, live, inputs, fieldManager);
    } catch (error) {
      if (preview && error instanceof KubeApiError && error.code === 403) return properties;
      throw new Error(`update of resource "${urn}" failed: ${(error as Error).message}`);
    }
  }

  /** Deletes the object and waits until it is gone. */
  async delete(urn: string, id: string, timeoutSeconds: number): Promise<void> {
    const kind = kindOf(urn);
    if ('unreachable' in this.cluster) {
      this.log('warning', urn, `configured Kubernetes cluster is unreachable: ${this.cluster.unreachable}`);
      if (this.config.deleteUnreachable) return;
      throw new Error(
        'configured Kubernetes cluster is unreachable. If the cluster was deleted, run again with ' +
          'PULUMI_K8S_DELETE_UNREACHABLE=true to drop its objects from the state',
      );
    }
    await remove(this.cluster.api, kind, parseId(id), timeoutSeconds > 0 ? timeoutSeconds : deleteSeconds);
  }

  /** The API; undefined (with a warning) when it cannot be asked and this is only a preview. */
  private reachable(urn: string, preview: boolean): KubeApi | undefined {
    if (!('unreachable' in this.cluster)) return this.cluster.api;
    const message = `configured Kubernetes cluster is unreachable: ${this.cluster.unreachable}`;
    if (!preview) throw new Error(message);
    this.log('warning', urn, `${message}; the preview shows the inputs only`);
    return undefined;
  }

  /** One manager for each object, so that two resources on one object are seen to fight; the object may name its own. */
  private newManager(object: Properties): string {
    const named = textAt(object, 'metadata', 'annotations', 'pulumi.com/patchFieldManager');
    const own = this.config.serverSideApply
      ? `pulumi-kubernetes-${randomBytes(4).toString('hex')}`
      : 'pulumi-kubernetes';
    return named ?? own;
  }

  private writeOptions(object: Properties, fieldManager: string, dryRun: boolean): WriteOptions {
    const { serverSideApply, patchForce } = this.config;
    return { fieldManager, serverSideApply, force: patchForce || asksForForce(object), dryRun };
  }
}

function managerOf(state: Properties): string {
  return textAt(plain(state), '__fieldManager') ?? 'pulumi-kubernetes';
}

/** What a preview cannot try: the namespace comes later, the object is there already, dry runs are forbidden. */
function cannotPreview(error: unknown): boolean {
  return (
    error instanceof KubeApiError && (error.code === 403 || error.code === 404 || error.reason === 'AlreadyExists')
  );
}

const serverFields = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'uid',
  'selfLink',
]);

function importedInputs(live: Properties): Properties {
  const { status: _status, metadata, ...rest } = live;
  const kept = Object.entries(isMap(metadata) ? metadata : {}).filter(([key]) => !serverFields.has(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}
