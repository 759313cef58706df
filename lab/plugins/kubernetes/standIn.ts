import { createHash, randomBytes } from 'node:crypto';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused, serverMessage } from '../../../clients/kubernetes/errors';
import { hasForceAnnotation, connect, create, remove, update, type Cluster, type WriteOptions } from './cluster';
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

const autonamedAnnotation = 'pulumi.com/autonamed';
const defaultDeleteSeconds = 600;

/** Result of a diff: changed paths, and those that require replacement. */
export interface ObjectDiff {
  changed: Path[];
  replaces: Path[];
  deleteBeforeReplace: boolean;
}

/** Result of a read; `id` is empty if the object no longer exists. */
export interface ReadResult {
  id: string;
  inputs: Properties;
  state: Properties;
}

/**
 * The stand-in for the official Kubernetes provider: the provider's methods on property bags. For Namespaces, Secrets
 * and ConfigMaps it behaves like the real one, including its pitfalls: creating an existing object fails without
 * `upsertExistingObjects`, setting a field of another manager fails, a change to a Secret's data replaces it, and a
 * cluster that was down at configuration stays unreachable.
 */
export class KubernetesStandIn {
  private config: ProviderConfig = readProviderConfig({});
  private cluster: Cluster = { unreachable: 'the provider was not configured' };
  /** Shows messages to the user. */
  log: Log = () => undefined;

  /** Applies the provider's configuration and connects to the cluster. */
  async configure(variables: Record<string, string>): Promise<void> {
    this.config = readProviderConfig(variables);
    this.cluster = await connect(this.config);
  }

  /** Normalizes the inputs and names an object that has no name. */
  check(urn: string, olds: Properties, news: Properties, randomSeed: Uint8Array): Properties {
    const inputs = normalize(kindOf(urn), news);
    const metadata = isMap(inputs.metadata) ? inputs.metadata : {};
    if (metadata.name !== undefined || metadata.generateName !== undefined) return inputs;
    const earlierName =
      textAt(plain(olds), 'metadata', 'annotations', autonamedAnnotation) === 'true'
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
        name: earlierName ?? `${parseUrn(urn).name}-${suffix}`,
        annotations: { ...annotations, [autonamedAnnotation]: 'true' },
      },
    };
  }

  /** Compares the fields in the state that the old inputs set with the new inputs. */
  diff(urn: string, state: Properties, oldInputs: Properties, newInputs: Properties): ObjectDiff {
    const kind = kindOf(urn);
    const before = prune(plain(state), plain(normalize(kind, oldInputs)));
    const after = plain(normalize(kind, newInputs));
    const changed = differences(before, after);
    const replacing = changed.filter((path) => replaces(kind, path, this.config.mutable));
    const sameName =
      idOf(before) === idOf(after) && textAt(after, 'metadata', 'annotations', autonamedAnnotation) !== 'true';
    return { changed, replaces: replacing, deleteBeforeReplace: replacing.length > 0 && sameName };
  }

  /** Creates the object; a preview is a server-side dry run, or returns the inputs if that is not possible. */
  async create(urn: string, properties: Properties, preview: boolean): Promise<{ id: string; state: Properties }> {
    const kind = kindOf(urn);
    const api = this.reachable(urn, preview);
    if (api === undefined || (preview && (hasUnknown(properties) || !this.config.serverSideApply)))
      return { id: '', state: properties };
    const inputs = normalize(kind, properties);
    const object = plain(inputs) as Properties;
    const fieldManager = this.newFieldManager(object);
    const options = { ...this.writeOptions(object, fieldManager, preview), upsert: this.config.upsertExistingObjects };
    try {
      const live = await create(api, kind, object, options);
      return { id: preview ? '' : idOf(live), state: checkpoint(kind, live, inputs, fieldManager) };
    } catch (error) {
      if (preview && cannotPreview(error)) return { id: '', state: properties };
      throw new Error(
        `resource "${urn}" was not successfully created by the Kubernetes API server: ${serverMessage(error)}`,
      );
    }
  }

  /** Reads the live object. An unreachable cluster is an error, not a missing object. */
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
    const live = await this.cluster.api.get<Properties>(apiPath(kind, namespace, name));
    if (live === undefined) return { id: '', inputs: {}, state: {} };
    // An import has no inputs yet: all fields that the server does not set become inputs.
    const hasInputs = Object.keys(oldInputs).length > 0;
    const before = normalize(kind, hasInputs ? oldInputs : importedInputs(live));
    const inputs = markSecrets(prune(live, plain(before)), before) as Properties;
    return { id, inputs, state: checkpoint(kind, live, before, fieldManagerOf(state)) };
  }

  /** Updates the object in place. */
  async update(urn: string, state: Properties, properties: Properties, preview: boolean): Promise<Properties> {
    const kind = kindOf(urn);
    const api = this.reachable(urn, preview);
    if (api === undefined || (preview && hasUnknown(properties))) return properties;
    const inputs = normalize(kind, properties);
    const object = plain(inputs) as Properties;
    const fieldManager = fieldManagerOf(state);
    try {
      const live = await update(api, kind, object, this.writeOptions(object, fieldManager, preview));
      return checkpoint(kind, live, inputs, fieldManager);
    } catch (error) {
      if (preview && error instanceof KubernetesRefused && error.status === 403) return properties;
      throw new Error(`update of resource "${urn}" failed: ${serverMessage(error)}`);
    }
  }

  /** Deletes the object and waits until it no longer exists. */
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
    await remove(this.cluster.api, kind, parseId(id), timeoutSeconds > 0 ? timeoutSeconds : defaultDeleteSeconds);
  }

  /** The cluster's API; if it is unreachable, undefined with a warning in a preview, otherwise an error. */
  private reachable(urn: string, preview: boolean): KubernetesClient | undefined {
    if (!('unreachable' in this.cluster)) return this.cluster.api;
    const message = `configured Kubernetes cluster is unreachable: ${this.cluster.unreachable}`;
    if (!preview) throw new Error(message);
    this.log('warning', urn, `${message}; the preview shows the inputs only`);
    return undefined;
  }

  /**
   * A new field manager: one per object, so that two resources for the same object conflict, unless an annotation of
   * the object sets it.
   */
  private newFieldManager(object: Properties): string {
    const annotated = textAt(object, 'metadata', 'annotations', 'pulumi.com/patchFieldManager');
    const generated = this.config.serverSideApply
      ? `pulumi-kubernetes-${randomBytes(4).toString('hex')}`
      : 'pulumi-kubernetes';
    return annotated ?? generated;
  }

  private writeOptions(object: Properties, fieldManager: string, dryRun: boolean): WriteOptions {
    const { serverSideApply, patchForce } = this.config;
    return { fieldManager, serverSideApply, force: patchForce || hasForceAnnotation(object), dryRun };
  }
}

function fieldManagerOf(state: Properties): string {
  return textAt(plain(state), '__fieldManager') ?? 'pulumi-kubernetes';
}

/**
 * Errors that a preview ignores: dry runs are forbidden, the namespace does not exist yet, the object already exists.
 */
function cannotPreview(error: unknown): boolean {
  return (
    error instanceof KubernetesRefused &&
    (error.status === 403 || error.status === 404 || error.reason === 'AlreadyExists')
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
