import { existsSync, readFileSync } from 'node:fs';
import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { parseKubeconfig, type Connection } from '../../agent/kubeconfig';
import type { Mutable } from './objects';
import { plain, same, textAt, type Properties } from '../provider/properties';

/** The settings of the provider that the stand-in understands. */
export interface ProviderConfig {
  kubeconfig: string | undefined;
  serverSideApply: boolean;
  upsertExistingObjects: boolean;
  mutable: Mutable;
  patchForce: boolean;
  deleteUnreachable: boolean;
}

/** Reads the settings as `Configure` gets them: text by `kubernetes:config:<name>`. */
export function readProviderConfig(variables: Record<string, string>): ProviderConfig {
  const text = (name: string): string | undefined => variables[`kubernetes:config:${name}`];
  const flag = (name: string): boolean => text(name) === 'true';
  return {
    kubeconfig: text('kubeconfig') === '' ? undefined : text('kubeconfig'),
    // On unless switched off, as the real provider has it since version 4.
    serverSideApply: text('enableServerSideApply') !== 'false',
    upsertExistingObjects: flag('upsertExistingObjects'),
    mutable: { secret: flag('enableSecretMutable'), configMap: flag('enableConfigMapMutable') },
    patchForce: flag('enablePatchForce'),
    // A refresh does not run the program, so people set this one for a single run by the environment.
    deleteUnreachable: (text('deleteUnreachable') ?? process.env.PULUMI_K8S_DELETE_UNREACHABLE) === 'true',
  };
}

/** The connection of a kubeconfig given as its text or as a path. */
export function readConnection(kubeconfig: string): Connection {
  const isPath = !kubeconfig.includes('\n') && !kubeconfig.trimStart().startsWith('{') && existsSync(kubeconfig);
  return parseKubeconfig(isPath ? readFileSync(kubeconfig, 'utf8') : kubeconfig);
}

/** What a change of the provider's settings means: which keys differ, and which of them replace it and all it made. */
export interface ConfigDiff {
  diffs: string[];
  replaces: string[];
}

/** Settings that decide which cluster is meant. */
const identifying = ['kubeconfig', 'context', 'cluster'];

/**
 * The real provider's rules: a kubeconfig that is not known yet, or whose active cluster (server, CA) changed, replaces the
 * provider and with it every object, unless `clusterIdentifier` is set and stayed the same. Another identifier replaces.
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
  const unknown = identifying.find((key) => news[key] === unknownValue);
  if (unknown !== undefined) replaces.add(unknown);
  else if (diffs.includes('kubeconfig') && !sameCluster(textAt(olds, 'kubeconfig'), textAt(news, 'kubeconfig'))) {
    for (const key of identifying) if (diffs.includes(key)) replaces.add(key);
  }
  return { diffs, replaces: [...replaces] };
}

function sameCluster(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const [a, b] = [readConnection(before), readConnection(after)];
  return a.server === b.server && a.certificateAuthority === b.certificateAuthority;
}
