import { groupOf, isMap, listOf, specOf, textOf, valueAt } from '../kubernetesObject';
import type { Tree } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { indexOf } from './facts/clusterIndex';
import { allows, bindingsOf, resourceOf } from './facts/rbac';
import { secretSpecPath, vaultKeys } from './facts/secrets';
import { settingOf } from './facts/settings';
import { applierOf, tenantKustomizations, tenantsFolder, tenantsOf } from './facts/tenants';
import { eachObject, findingAt, notCheckedAt, show } from './finding';

/** An object that a tenant applies outside its namespace. */
export const tenantOutsideNamespace: Check = {
  id: 'tenant-outside-namespace',
  severity: 'error',
  set: 'platform',
  why: 'A tenant has no rights outside its namespace: the API server refuses the object, and nothing of the revision is applied.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const [cluster, object] of eachObject(tree)) {
      const applier = applierOf(cluster, object);
      if (applier === undefined) continue;
      yield { places: 1 };
      const { namespace } = object.object.metadata;
      if (namespace === applier.tenant.name) continue;
      const where = namespace === undefined ? 'belongs to no namespace' : `is in namespace ${namespace}`;
      const what = `${where}, and tenant ${applier.tenant.team} applies it, whose namespace is ${applier.tenant.name}`;
      const todo = `remove it; the platform applies what is outside, from ${tenantsFolder}/${applier.tenant.team}/kustomization.yaml or a system`;
      yield findingAt(
        tree,
        cluster,
        object,
        namespace === undefined ? ['kind'] : ['metadata', 'namespace'],
        what,
        todo,
      );
    }
  },
};

/** An object in a tenant's namespace that its account may not write. */
export const tenantNotPermitted: Check = {
  id: 'tenant-not-permitted',
  severity: 'error',
  set: 'platform',
  why: "Flux applies a tenant's objects as the tenant: the API server refuses what its role does not name.",
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const [cluster, object] of eachObject(tree)) {
      const applier = applierOf(cluster, object);
      const { kind, metadata } = object.object;
      if (applier === undefined || metadata.namespace !== applier.tenant.name) continue;
      const account = specOf(applier.kustomization.object)['serviceAccountName'];
      // Without an account, and without a binding of it, other rules report.
      if (typeof account !== 'string') continue;
      yield { places: 1 };
      const bindings = bindingsOf(cluster, applier.tenant.name, account);
      const [group, resource] = [groupOf(object.object), resourceOf(kind)];
      if (bindings.some(({ rules = [] }) => ['create', 'patch'].every((verb) => allows(rules, verb, group, resource))))
        continue;
      const roles = bindings.map(({ role }) => `${role.kind} ${role.name}`).join(' and ') || 'no role';
      if (bindings.some(({ rules }) => rules === undefined)) {
        yield notCheckedAt(cluster, object, ['kind'], 'Git does not hold the role', `whether ${roles} allows ${kind}`);
        continue;
      }
      const what = `is applied as ServiceAccount ${applier.tenant.name}/${account}, whose ${roles} does not allow ${resource}${group === '' ? '' : `.${group}`}`;
      const todo = 'remove it, or have the platform apply it';
      yield findingAt(tree, cluster, object, ['kind'], what, todo);
    }
  },
};

/** A Kustomization or HelmRelease in a tenant's namespace that does not say as whom it applies. */
export const tenantWithoutAccount: Check = {
  id: 'tenant-without-account',
  severity: 'error',
  set: 'platform',
  why: "Without serviceAccountName, a Flux that is configured differently applies a tenant's objects as cluster-admin.",
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const [cluster, object] of eachObject(tree)) {
      const { kind, metadata } = object.object;
      const isFlux = /^(kustomize|helm)\.toolkit\.fluxcd\.io$/.test(groupOf(object.object));
      if (!isFlux || !tenantsOf(cluster).has(metadata.namespace ?? '')) continue;
      yield { places: 1 };
      if (textOf(specOf(object.object)['serviceAccountName']) !== '') continue;
      const what = `is a ${kind} of a tenant without spec.serviceAccountName`;
      yield findingAt(tree, cluster, object, ['spec'], what, 'add serviceAccountName: flux');
    }
  },
};

const writes = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What limits a tenant: whoever writes one of these lifts a limit or gives themselves rights. */
const limits: readonly [group: string, resource: string][] = [
  ['', 'namespaces'],
  ['', 'resourcequotas'],
  ['', 'limitranges'],
  ['networking.k8s.io', 'networkpolicies'],
  ['cilium.io', 'ciliumnetworkpolicies'],
  ['rbac.authorization.k8s.io', 'roles'],
  ['rbac.authorization.k8s.io', 'rolebindings'],
];

/** Roles that Kubernetes has, with which a tenant could change a network policy or more. */
const wideRoles = ['cluster-admin', 'admin', 'edit'];

/** A role of a tenant with which it can lift its own limits. */
export const tenantMayEscalate: Check = {
  id: 'tenant-may-escalate',
  severity: 'error',
  set: 'platform',
  why: 'Quota, policies and roles limit a tenant only if it cannot change them.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { tenant, kustomization } of tenantKustomizations(cluster)) {
        const account = specOf(kustomization.object)['serviceAccountName'];
        if (typeof account !== 'string') continue;
        for (const { binding, role, rules } of bindingsOf(cluster, tenant.name, account)) {
          yield { places: 1 };
          const todo = 'bind ClusterRole tenant-deployer in the namespace instead';
          const named = `${role.kind} ${role.name}`;
          if (binding.object.kind === 'ClusterRoleBinding') {
            const what = `gives tenant ${tenant.team} ${named} in every namespace`;
            yield findingAt(tree, cluster, binding, ['roleRef'], what, todo);
          } else if (wideRoles.includes(role.name)) {
            const what = `gives tenant ${tenant.team} ${named}, with which it can change its own limits`;
            yield findingAt(tree, cluster, binding, ['roleRef', 'name'], what, todo);
          } else if (rules === undefined) {
            yield notCheckedAt(cluster, binding, ['roleRef'], 'Git does not hold the role', `what ${named} allows`);
          } else {
            const lifted = limits.filter(([group, name]) => writes.some((verb) => allows(rules, verb, group, name)));
            if (lifted.length === 0) continue;
            const what = `gives tenant ${tenant.team} ${named}, which may write ${lifted.map(([, name]) => name).join(', ')}`;
            yield findingAt(tree, cluster, binding, ['roleRef', 'name'], what, todo);
          }
        }
      }
    }
  },
};

/** Whether a file, or a key of the vault, is a folder or in it. */
const isWithin = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);

/** A tenant's Kustomization that applies files of others. */
export const tenantPathElsewhere: Check = {
  id: 'tenant-path-elsewhere',
  severity: 'error',
  set: 'platform',
  why: "Whoever reviews a change of one team's folder expects it to change nothing for another.",
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { tenant, kustomization } of tenantKustomizations(cluster)) {
        if (kustomization.skipped === 'external') continue;
        yield { places: 1 };
        const own = `${tenantsFolder}/${tenant.team}`;
        const [declared] = indexOf(cluster).objects('Kustomization', kustomization.namespace, kustomization.name);
        const files = [kustomization.path, ...kustomization.files];
        const other = files.find((file) => !isWithin(file, own) && !isWithin(file, 'kubernetes/components'));
        if (other === undefined || declared === undefined) continue;
        const what = `applies ${other}, which is outside ${own}`;
        yield findingAt(tree, cluster, declared, ['spec', 'path'], what, 'copy what the team needs into its folder');
      }
    }
  },
};

/** The field of a quota that counts Services of a type. */
const serviceQuotas = [
  { type: 'LoadBalancer', field: 'services.loadbalancers' },
  { type: 'NodePort', field: 'services.nodeports' },
] as const;

/** What a namespace's quotas allow of Services of a type; undefined without a limit. */
function quotaOf(tree: Tree, cluster: Tree['clusters'][number], namespace: string, field: string): number | undefined {
  const values = cluster.objects.flatMap(({ object }) => {
    if (object.kind !== 'ResourceQuota' || object.metadata.namespace !== namespace) return [];
    const value = valueAt(specOf(object), 'hard', field);
    return value === undefined ? [] : [Number(value)];
  });
  return values.length === 0 ? undefined : Math.min(...values);
}

/** A tenant's namespace in which nothing keeps a team from taking addresses and ports of nodes. */
export const tenantWithoutQuota: Check = {
  id: 'tenant-without-quota',
  severity: 'error',
  set: 'platform',
  why: 'A load balancer address or a port of a node publishes an app past the gateway and its policies.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { name, team, declared } of tenantsOf(cluster).values()) {
        yield { places: 1 };
        const open = serviceQuotas.filter(({ field }) => quotaOf(tree, cluster, name, field) !== 0);
        if (open.length === 0) continue;
        const fields = open.map(({ field }) => field).join(' and ');
        const what = `is a namespace of tenant ${team} without a ResourceQuota that sets ${fields} to "0"`;
        yield findingAt(tree, cluster, declared, [], what, 'include the component tenant');
      }
    }
  },
};

/** A Service that is one more than the quota of its namespace allows. */
export const serviceBeyondQuota: Check = {
  id: 'service-beyond-quota',
  severity: 'error',
  set: 'platform',
  why: 'The API server refuses it, and its Kustomization never becomes ready.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { type, field } of serviceQuotas) {
        const counted = new Map<string, number>();
        for (const service of cluster.objects) {
          const { object } = service;
          const { namespace = '' } = object.metadata;
          if (object.kind !== 'Service' || groupOf(object) !== '' || specOf(object)['type'] !== type) continue;
          yield { places: 1 };
          const count = (counted.get(namespace) ?? 0) + 1;
          counted.set(namespace, count);
          const quota = quotaOf(tree, cluster, namespace, field);
          if (quota === undefined || count <= quota) continue;
          const what = `is Service ${count} of type ${type} in namespace ${namespace}, whose quota allows ${quota}`;
          const todo = 'publish the app by an HTTPRoute, or raise the quota';
          yield findingAt(tree, cluster, service, ['spec', 'type'], what, todo);
        }
      }
    }
  },
};

/** A secret that is not the tenant's. */
export const tenantSecretElsewhere: Check = {
  id: 'tenant-secret-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'The store reads the whole vault, so a tenant could read the secrets of the platform and of other tenants.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const [cluster, secret] of eachObject(tree)) {
      const tenant = tenantsOf(cluster).get(secret.object.metadata.namespace ?? '');
      const prefix = tenant === undefined ? undefined : secretSpecPath(secret);
      if (tenant === undefined || prefix === undefined) continue;
      const own = `kubernetes/${cluster.name}/tenants/${tenant.team}`;
      for (const { path, key } of vaultKeys(valueAt(secret.object, ...prefix), prefix)) {
        yield { places: 1 };
        if (isWithin(key, own)) continue;
        const what = `reads ${key === '' ? 'every item' : key}, but tenant ${tenant.team} has only ${own}`;
        yield findingAt(tree, cluster, secret, path, what, `put the secret into the item ${own}, or one below it`);
      }
      for (const [index, entry] of listOf(valueAt(secret.object, ...prefix, 'dataFrom')).entries()) {
        if (!isMap(entry) || entry['sourceRef'] === undefined) continue;
        const what = 'takes a secret from another store or a generator';
        yield findingAt(
          tree,
          cluster,
          secret,
          [...prefix, 'dataFrom', index, 'sourceRef'],
          what,
          `use the item ${own}`,
        );
      }
    }
  },
};

/** A hostname that is not the tenant's. */
export const tenantHostname: Check = {
  id: 'tenant-hostname',
  severity: 'error',
  set: 'platform',
  why: 'A gateway serves a hostname for whoever claimed it first: without names of their own, one team could take the traffic of another.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const [cluster, route] of eachObject(tree)) {
      const { kind, metadata } = route.object;
      const tenant = tenantsOf(cluster).get(metadata.namespace ?? '');
      if (tenant === undefined || kind !== 'HTTPRoute' || groupOf(route.object) !== 'gateway.networking.k8s.io')
        continue;
      const own = `${tenant.name}.${settingOf(cluster, 'PRIVATE_DOMAIN') ?? ''}`;
      const hostnames = listOf(specOf(route.object)['hostnames']);
      yield { places: Math.max(1, hostnames.length) };
      const todo = `name it ${own} or <app>-${own}`;
      if (hostnames.length === 0) {
        const what = `has no hostnames, so it takes those of everyone on its Gateway`;
        yield findingAt(tree, cluster, route, ['spec'], what, todo);
      }
      for (const [index, hostname] of hostnames.entries()) {
        if (hostname === own || (typeof hostname === 'string' && hostname.endsWith(`-${own}`))) continue;
        const what = `serves ${show(hostname)}, which is not a name of namespace ${tenant.name}`;
        yield findingAt(tree, cluster, route, ['spec', 'hostnames', index], what, todo);
      }
    }
  },
};

/** Names from which the team follows, without a hyphen that would make one namespace look like another team's. */
export const teamName = /^[a-z][a-z0-9]{1,19}$/;

/** A tenant's namespace whose name does not say whose it is. */
export const tenantNamespaceName: Check = {
  id: 'tenant-namespace-name',
  severity: 'error',
  set: 'platform',
  why: 'Hostnames and vault items follow from the names: where they are ambiguous, one team has what is meant for another.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { name, team, environment, declared } of tenantsOf(cluster).values()) {
        yield { places: 1 };
        const wanted = environment === '' ? team : `${team}-${environment}`;
        if (name === wanted && teamName.test(team)) continue;
        const what =
          name === wanted
            ? `is of team ${team}, whose name is not lowercase letters and digits only`
            : `is labelled for team ${team}${environment === '' ? '' : ` and environment ${environment}`}, so it must be named ${wanted}`;
        yield findingAt(tree, cluster, declared, [], what, 'rename the namespace or correct its labels');
      }
    }
  },
};

/** The rules about tenants. */
export const tenantChecks: readonly Check[] = [
  tenantOutsideNamespace,
  tenantNotPermitted,
  tenantWithoutAccount,
  tenantMayEscalate,
  tenantPathElsewhere,
  tenantWithoutQuota,
  serviceBeyondQuota,
  tenantSecretElsewhere,
  tenantHostname,
  tenantNamespaceName,
];
