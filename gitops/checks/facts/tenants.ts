import { groupOf, textOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';
import { indexOf } from './clusterIndex';

/** The label that makes a namespace a tenant's, with the team's name. */
export const tenantLabel = 'k8s-gitops/tenant';

/** The label with the environment that a tenant's namespace is for. */
export const environmentLabel = 'k8s-gitops/environment';

/** The folder of all tenants. */
export const tenantsFolder = 'kubernetes/workloads/tenants';

/** A namespace of a tenant. */
export interface TenantNamespace {
  name: string;
  team: string;
  environment: string;
  declared: TreeObject;
}

const known = new WeakMap<TreeCluster, ReadonlyMap<string, TenantNamespace>>();

/** The tenants' namespaces of a cluster by name, looked up once. */
export function tenantsOf(cluster: TreeCluster): ReadonlyMap<string, TenantNamespace> {
  const found = known.get(cluster) ?? findTenants(cluster);
  known.set(cluster, found);
  return found;
}

function findTenants(cluster: TreeCluster): ReadonlyMap<string, TenantNamespace> {
  const found = new Map<string, TenantNamespace>();
  for (const declared of cluster.objects) {
    const { object } = declared;
    if (object.kind !== 'Namespace' || groupOf(object) !== '') continue;
    const team = textOf(valueAt(object.metadata, 'labels', tenantLabel));
    const environment = textOf(valueAt(object.metadata, 'labels', environmentLabel));
    const { name } = object.metadata;
    if (team !== '') found.set(name, { name, team, environment, declared });
  }
  return found;
}

/** A tenant's Flux Kustomization. */
export interface TenantKustomization {
  tenant: TenantNamespace;
  kustomization: TreeKustomization;
}

/** The Flux Kustomizations in tenants' namespaces, which apply what teams write. */
export function tenantKustomizations(cluster: TreeCluster): TenantKustomization[] {
  const tenants = tenantsOf(cluster);
  return cluster.kustomizations.flatMap((kustomization) => {
    const tenant = tenants.get(kustomization.namespace);
    return tenant === undefined ? [] : [{ tenant, kustomization }];
  });
}

/** The Kustomization of a tenant that applies an object; undefined if the platform does. */
export function applierOf(cluster: TreeCluster, object: TreeObject): TenantKustomization | undefined {
  const kustomization = indexOf(cluster).kustomizations.get(object.kustomization);
  const tenant = kustomization === undefined ? undefined : tenantsOf(cluster).get(kustomization.namespace);
  return kustomization === undefined || tenant === undefined ? undefined : { tenant, kustomization };
}
