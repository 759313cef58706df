import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listClusters, readClusterSettings } from '../gitops/clusterSettings';
import { ManifestError } from '../gitops/manifestError';
import type { OtherCluster } from './crossClusterChecks';
import { stackFileName } from './names';
import { parseSettings, type SettingsSource } from './settings';
import { parseStackConfig, type StackConfigSource, withSecretsSet } from './stackConfig';
import { readStackFile } from './stackFile';

/** Where the clusters are described. */
export interface ClusterSources {
  /** The repository root, which has `kubernetes/clusters/`. */
  root: string;
  /** The folder of the stack files. */
  project: string;
  /** The Pulumi project's name, which prefixes the keys of stack files. */
  projectName: string;
}

/** A cluster as its files describe it. */
export interface ReadCluster {
  name: string;
  /** Absent if the file does not exist or cannot be read. */
  config?: StackConfigSource;
  /** Absent if the file cannot be read. */
  settings?: SettingsSource;
  /** Why a file cannot be read, each as `<file>[:<line>]: …`. */
  unreadable: string[];
}

/** Reads the stack file and the settings of these clusters. */
export function readClusters(names: readonly string[], { root, project, projectName }: ClusterSources): ReadCluster[] {
  return names.map((name) => {
    const unreadable: string[] = [];
    const attempt = <T>(read: () => T): T | undefined => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof ManifestError)) throw error;
        unreadable.push(...error.problems);
        return undefined;
      }
    };
    const file = join(project, stackFileName(name));
    const config = existsSync(file) ? attempt(() => readStackFile(file, projectName)) : undefined;
    const settings = attempt(() => readClusterSettings(root, name));
    return { name, config, settings, unreadable };
  });
}

/**
 * All clusters of the repository except `stack`'s, with what must differ between clusters. Invalid values in another stack's
 * file are left to that stack; throws a ManifestError if settings or a stack file cannot be read at all.
 */
export function otherClusters(stack: string, sources: ClusterSources): OtherCluster[] {
  const others = readClusters(
    listClusters(sources.root).filter((name) => name !== stack),
    sources,
  );
  const unreadable = others.flatMap((other) => other.unreadable);
  if (unreadable.length > 0) throw new ManifestError(unreadable);
  return others.map(asOther);
}

/** What other clusters are checked against; what cannot be read is absent, so that nothing follows from it. */
export function asOther({ name, config, settings }: ReadCluster): OtherCluster {
  const stack = config === undefined ? {} : parseStackConfig(withSecretsSet(config)).config;
  return {
    name,
    settings: settings === undefined ? {} : parseSettings(settings).settings,
    nodes: stack.nodes ?? [],
    ownsZone: config !== undefined && config.values['cloudflare'] === undefined ? false : stack.cloudflare?.ownsZone,
  };
}
