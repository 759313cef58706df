import { existsSync, readFileSync } from 'node:fs';
import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { parseAnyKubeconfig, type KubeConnection } from '../../../clients/kubernetes/kubeconfig';
import type { Mutable } from './objects';
import { plain, same, textAt, type Properties } from '../provider/properties';

/** The provider options that the stand-in supports. */
export interface ProviderConfig {
  kubeconfig: string | undefined;
  serverSideApply: boolean;
  upsertExistingObjects: boolean;
  mutable: Mutable;
  patchForce: boolean;
  deleteUnreachable: boolean;
}

/** Reads the provider options from strings keyed `kubernetes:config:<name>`. */
export function readProviderConfig(variables: Record<string, string>): ProviderConfig {
  const text = (name: string): string | undefined => variables[`kubernetes:config:${name}`];
  const flag = (name: string): boolean => text(name) === 'true';
  return {
    kubeconfig: text('kubeconfig') === '' ? undefined : text('kubeconfig'),
    // Enabled by default, as in the real provider since version 4.
    serverSideApply: text('enableServerSideApply') !== 'false',
    upsertExistingObjects: flag('upsertExistingObjects'),
    mutable: { secret: flag('enableSecretMutable'), configMap: flag('enableConfigMapMutable') },
    patchForce: flag('enablePatchForce'),
    // A refresh does not run the program, so this option can also be set in the environment.
    deleteUnreachable: (text('deleteUnreachable') ?? process.env.PULUMI_K8S_DELETE_UNREACHABLE) === 'true',
  };
}

/** The connection of a kubeconfig, given as text or as a path. */
export function readConnection(kubeconfig: string): KubeConnection {
  const isPath = !kubeconfig.includes('\n') && !kubeconfig.trimStart().startsWith('{') && existsSync(kubeconfig);
  return parseAnyKubeconfig(isPath ? readFileSync(kubeconfig, 'utf8') : kubeconfig);
}

/** Changed provider options, and those that require replacing the provider and all its objects. */
export interface ConfigDiff {
  diffs: string[];
  replaces: string[];
}

/** Options that select the cluster. */
const clusterOptions = ['kubeconfig', 'context', 'cluster'];

/**
 * Compares provider options by the real provider's rules: an unknown kubeconfig, or one whose active cluster (server,
 * CA) has changed, replaces the provider and all its objects, unless `clusterIdentifier` is set and unchanged. A
 * changed `clusterIdentifier` also replaces them.
 */
export function diffConfig(oldProperties: Properties, newProperties: Properties): ConfigDiff {
  const olds = plain(oldProperties) as Properties;
  const news = plain(newProperties) as Properties;
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== 'version').sort();
  const diffs = keys.filter((key) => !same(olds[key], news[key]));
  const oldIdentifier = textAt(olds, 'clusterIdentifier');
  const newIdentifier = textAt(news, 'clusterIdentifier');
  if (newIdentifier !== undefined && newIdentifier === oldIdentifier) return { diffs, replaces: [] };

  const replaces = new Set<string>();
  if (oldIdentifier !== undefined && newIdentifier !== undefined) replaces.add('clusterIdentifier');
  const unknown = clusterOptions.find((key) => news[key] === unknownValue);
  if (unknown !== undefined) replaces.add(unknown);
  else if (diffs.includes('kubeconfig') && !sameCluster(textAt(olds, 'kubeconfig'), textAt(news, 'kubeconfig'))) {
    for (const key of clusterOptions) if (diffs.includes(key)) replaces.add(key);
  }
  return { diffs, replaces: [...replaces] };
}

function sameCluster(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const [a, b] = [readConnection(before), readConnection(after)];
  return a.server === b.server && a.certificateAuthority === b.certificateAuthority;
}
