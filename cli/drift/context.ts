import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFolder, readClusterSettings } from '../../gitops/clusterSettings';
import type { ListedSystems } from '../../gitops/listedSystems';
import type { BootstrapInputs } from '../../cluster/bootstrapInputs';
import { type ClusterDefinition, machineTargetOf, stayingControlPlanes } from '../../cluster/definition';
import { apiUrl, withServer } from '../../cluster/kubeconfig';
import { stackFileName } from '../../cluster/names';
import { type SecretConfigKey, withSecretsSet } from '../../cluster/stackConfig';
import { readStackFile } from '../../cluster/stackFile';
import { KubernetesClient } from '../../clients/kubernetes/client';
import { parseAnyKubeconfig, parseKubeconfig } from '../../clients/kubernetes/kubeconfig';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { identityOf } from '../../clients/talos/talosconfig';
import { messageOf } from '../../clients/userError';
import { refusalOf } from '../../stacks/evaluateStack';
import { type ExportedState, identityInState, kubeconfigInState } from '../stack/exportedState';
import { type ProjectPaths, evaluateRead, readConfig, readProject, readState } from '../stack/readStack';
import { isKnown, type Known } from './known';

/** What the layers of a drift run know of a stack. What needs a credential may be missing, with the reason. */
export interface DriftContext {
  stack: string;
  /** The repository root. */
  root: string;
  /** The folder of the Pulumi project. */
  project: string;
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
  systems: ListedSystems;
  /** Every cluster setting. */
  settings: Readonly<Record<string, string>>;
  /** The stack's secrets in plain text: never print or store. */
  secrets: Known<Readonly<Record<SecretConfigKey, string>>>;
  /** With secrets in plain text: never print or store. */
  state: Known<ExportedState>;
  /** Of the Talos API. Secret. */
  identity: Known<TalosClientConfiguration>;
  /**
   * A client of the first control plane whose Kubernetes API is ready, the same for all layers; or why there is none. Do not
   * close it.
   */
  kubernetes(): Promise<Known<KubernetesClient>>;
  signal: AbortSignal;
  /** The most that the run waits for what is being reconciled. */
  waitSeconds: number;
  /** Says what the run waits for. */
  note: (text: string) => void;
}

/** How long a run waits for what is being reconciled if it is not told otherwise. */
export const defaultWaitSeconds = 120;

/** Credentials of a person who has no access to the state. */
export interface GivenCredentials {
  /** Paths of files. */
  talosconfig?: string;
  kubeconfig?: string;
}

/** Options of a context. */
export interface ContextOptions extends ProjectPaths {
  stack: string;
  given: GivenCredentials;
  signal: AbortSignal;
  /** Default: {@link defaultWaitSeconds}. */
  waitSeconds?: number;
  note: (text: string) => void;
}

/**
 * Reads a stack for a drift run. Without the secrets of the stack, it is read from its file.
 * @returns the context, and a function that closes its connections
 * @throws Error with one line per problem if the stack's definition cannot be read
 */
export async function openContext(options: ContextOptions): Promise<{ context: DriftContext; close: () => void }> {
  const { stack, root, project, given, signal, note } = options;
  const name = readProject(stack, project);
  const [config, state] = await Promise.all([
    known(readConfig(stack, name, project, signal), `give the run access to the stack's secrets`),
    known(readState(stack, project, signal), `give the run access to the stack's state`),
  ]);
  const source = isKnown(config)
    ? config.value.source
    : withSecretsSet(readStackFile(join(project, stackFileName(stack)), name));
  const evaluated = evaluateRead(stack, name, { root, project }, source);
  const { definition, bootstrap, systems } = evaluated;
  if (!definition || !bootstrap || !systems) {
    throw new Error(refusalOf(evaluated) ?? `${clusterFolder(stack)} cannot be read; run: npm run validate`);
  }
  const identity =
    given.talosconfig === undefined
      ? fromState(state, identityInState, 'a Talos identity')
      : await known(Promise.resolve(given.talosconfig).then(readTalosconfig), `correct ${given.talosconfig}`);
  const clients: KubernetesClient[] = [];
  let opened: Promise<Known<KubernetesClient>> | undefined;
  const context: DriftContext = {
    stack,
    root,
    project,
    definition,
    bootstrap,
    systems,
    settings: readClusterSettings(root, stack).values,
    secrets: isKnown(config) ? { value: config.value.secrets } : config,
    state,
    identity,
    kubernetes: () => (opened ??= openKubernetes(options, definition, state, clients)),
    signal,
    waitSeconds: options.waitSeconds ?? defaultWaitSeconds,
    note,
  };
  return { context, close: () => clients.forEach((client) => client.close()) };
}

function readTalosconfig(file: string): TalosClientConfiguration {
  const identity = identityOf(readFileSync(file, 'utf8'));
  if (identity === undefined) throw new Error(`${file} has no current context with ca, crt and key`);
  return identity;
}

async function known<T>(reading: Promise<T>, todo: string): Promise<Known<T>> {
  try {
    return { value: await reading };
  } catch (error) {
    // Our own errors of one line end in `; <fix>`.
    const [, why, fix] = /^(.*); ([^;]+)$/.exec(messageOf(error)) ?? [];
    return { why: why ?? messageOf(error), todo: fix ?? todo };
  }
}

function fromState<T>(
  state: Known<ExportedState>,
  read: (state: ExportedState) => T | undefined,
  what: string,
): Known<T> {
  if (!isKnown(state)) return state;
  const value = read(state.value);
  if (value !== undefined) return { value };
  return { why: `the state of the stack has no ${what.replace(/^an? /, '')} yet`, todo: 'run: pulumi up' };
}

async function openKubernetes(
  { given, signal }: ContextOptions,
  definition: ClusterDefinition,
  state: Known<ExportedState>,
  clients: KubernetesClient[],
): Promise<Known<KubernetesClient>> {
  const todo = 'make the Kubernetes API of one control plane reachable from here';
  const reasons: string[] = [];
  const tryOne = async (
    name: string,
    connection: () => ReturnType<typeof parseKubeconfig>,
  ): Promise<KubernetesClient | undefined> => {
    try {
      const client = new KubernetesClient(connection(), signal, 10);
      clients.push(client);
      const { ready, text } = await client.readiness();
      if (ready) return client;
      reasons.push(`${name}: ${text}`);
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(`${name}: ${messageOf(error)}`);
    }
    return undefined;
  };
  const { kubeconfig: file } = given;
  if (file !== undefined) {
    const client = await tryOne(file, () => parseAnyKubeconfig(readFileSync(file, 'utf8')));
    return client === undefined ? { why: reasons.join('; '), todo } : { value: client };
  }
  const kubeconfig = fromState(state, kubeconfigInState, 'a kubeconfig');
  if (!isKnown(kubeconfig)) return kubeconfig;
  for (const node of stayingControlPlanes(definition)) {
    const { endpoint } = machineTargetOf(definition, node);
    const client = await tryOne(node.name, () => parseKubeconfig(withServer(kubeconfig.value, apiUrl(endpoint))));
    if (client !== undefined) return { value: client };
  }
  return { why: `no control plane serves the Kubernetes API: ${reasons.join('; ')}`, todo };
}
