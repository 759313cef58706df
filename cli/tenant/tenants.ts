import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tenantsFolder } from '../../gitops/checks/facts/tenants';
import { listClusters, listFileOf } from '../../gitops/clusterSettings';
import { type Json, listOf, valueAt } from '../../gitops/kubernetesObject';
import { readYamlFile } from '../../gitops/yamlFile';
import { listedIn } from '../init/entryPoint';
import { textIfPresent } from '../init/stage';
import { environments } from './templates';

/** The file that lists the tenants. */
export const tenantsList = `${tenantsFolder}/kustomization.yaml`;

/** The system that a cluster lists to have the tenants. */
const tenantsSystem = 'tenants';

/** A tenant of the repository. */
export interface Tenant {
  team: string;
  /** Whether the list of tenants has it. */
  listed: boolean;
  namespaces: string[];
}

/** The `resources` of a kustomization file; empty if there is no such file. */
export function resourcesOf(root: string, file: string): string[] {
  if (!existsSync(join(root, file))) return [];
  return readYamlFile(root, file).flatMap(({ value }) =>
    listOf(valueAt(value as Json, 'resources')).flatMap((entry) => (typeof entry === 'string' ? [entry] : [])),
  );
}

/** Names without a trailing slash. */
const clean = (resource: string): string => resource.replace(/\/$/, '');

/** The tenants that have a folder or are listed, sorted by name. */
export function readTenants(root: string): Tenant[] {
  const listed = resourcesOf(root, tenantsList).map(clean);
  const folder = join(root, tenantsFolder);
  const folders = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
  return [...new Set([...listed, ...folders])].sort().map((team) => ({
    team,
    listed: listed.includes(team),
    namespaces: environments
      .filter((environment) => existsSync(join(folder, team, 'namespaces', environment)))
      .map((environment) => `${team}-${environment}`),
  }));
}

/** The clusters that have the tenants. */
export function clustersWithTenants(root: string): string[] {
  return listClusters(root).filter((cluster) => {
    const text = textIfPresent(join(root, listFileOf(cluster)));
    return text !== undefined && listedIn(text).includes(tenantsSystem);
  });
}
