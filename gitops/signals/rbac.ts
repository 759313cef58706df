import { kindOf } from '../checks/facts/references';
import { type Json, type KubernetesObject, isMap, listOf, textOf, valueAt } from '../kubernetesObject';
import { newOrChanged } from './clusterChange';
import { type Found, type SignalRule, listedTexts } from './signal';

const group = 'rbac.authorization.k8s.io';
const roles: ReadonlySet<string> = new Set([`${group}/Role`, `${group}/ClusterRole`]);
const bindings: ReadonlySet<string> = new Set([`${group}/RoleBinding`, `${group}/ClusterRoleBinding`]);

/** One verb on one resource, or on one URL. */
interface Permission {
  group: string;
  resource: string;
  verb: string;
  /** Empty for all names. */
  name: string;
}

function permissionsOf(object: KubernetesObject): Permission[] {
  const texts = (value: Json | undefined): string[] => listOf(value).map((item) => textOf(item));
  return listOf(object['rules']).flatMap((rule) => {
    if (!isMap(rule)) return [];
    const names = texts(rule['resourceNames']);
    const urls = texts(rule['nonResourceURLs']).map((url) => ({ group: 'URL', resource: url }));
    const resources = texts(rule['apiGroups']).flatMap((api) =>
      texts(rule['resources']).map((resource) => ({ group: api, resource })),
    );
    return [...resources, ...urls].flatMap((on) =>
      texts(rule['verbs']).flatMap((verb) =>
        (names.length === 0 ? [''] : names).map((name): Permission => ({ ...on, verb, name })),
      ),
    );
  });
}

/** Whether a permission allows all that another one does. */
function covers(a: Permission, b: Permission): boolean {
  const any = (all: string, one: string): boolean => all === '*' || all === one;
  const subresource = a.resource.startsWith('*/') && b.resource.endsWith(a.resource.slice(1));
  return (
    any(a.group, b.group) &&
    (any(a.resource, b.resource) || subresource) &&
    any(a.verb, b.verb) &&
    (a.name === '' || a.name === b.name)
  );
}

const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch', '*']);
const writes: ReadonlySet<string> = new Set(['create', 'update', 'patch', '*']);

/** Whether a permission leads to all others, or to every secret. */
function isPowerful({ group: api, resource, verb, name }: Permission): boolean {
  if (['escalate', 'bind', 'impersonate'].includes(verb)) return true;
  if (resource === '*' && (api === '*' || api === '' || verb === '*')) return true;
  if (resource === 'secrets' && name === '' && reads.has(verb)) return true;
  if (['pods/exec', 'pods/attach', 'nodes/proxy', 'serviceaccounts/token'].includes(resource) && name === '')
    return true;
  return api === group && writes.has(verb) && /^(cluster)?role(binding)?s$/.test(resource);
}

function describe({ group: api, resource, verb, name }: Permission): string {
  const full = api === '' || api === 'URL' ? resource : `${resource}.${api}`;
  return `${verb} ${full}${name === '' ? '' : ` ${name}`}`;
}

/** What subjects may do that they could not do before. */
function gainedPermissions(before: KubernetesObject | undefined, after: KubernetesObject): Permission[] {
  const had = before === undefined ? [] : permissionsOf(before);
  return permissionsOf(after).filter((permission) => !had.some((old) => covers(old, permission)));
}

function subjectsOf(object: KubernetesObject | undefined): string[] {
  return listOf(object?.['subjects']).map((subject) => {
    const [kind, namespace, name] = ['kind', 'namespace', 'name'].map((key) => textOf(valueAt(subject, key)));
    return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  });
}

const adminRoles: ReadonlySet<string> = new Set(['cluster-admin', 'admin']);

const powerful: SignalRule = {
  id: 'rbac-powerful',
  severity: 'danger',
  when: 'a role gets everything, every Secret, exec, impersonation or the right to give rights; or a subject an admin role',
  why: 'who has it can take over the namespace, or the cluster',
  todo: 'name the resources, the verbs and the objects that it needs',
  *find(change): Generator<Found> {
    for (const { before, after } of newOrChanged(change)) {
      if (roles.has(kindOf(after))) {
        const gained = gainedPermissions(before?.object, after.object).filter(isPowerful).map(describe);
        if (gained.length > 0) yield { at: after, path: ['rules'], what: `may now ${listedTexts(gained)}` };
      } else if (bindings.has(kindOf(after)) && adminRoles.has(textOf(valueAt(after.object['roleRef'], 'name')))) {
        const old = subjectsOf(before?.object);
        const gained = subjectsOf(after.object).filter((subject) => !old.includes(subject));
        const role = textOf(valueAt(after.object['roleRef'], 'name'));
        if (gained.length > 0) yield { at: after, path: ['subjects'], what: `gives ${role} to ${listedTexts(gained)}` };
      }
    }
  },
};

const wider: SignalRule = {
  id: 'rbac-wider',
  severity: 'warning',
  when: 'a role that exists allows more, or a binding that exists has more subjects',
  why: 'everything that uses the role gets the new rights, not only what needs them',
  todo: 'make sure that each is needed',
  *find(change): Generator<Found> {
    for (const { before, after } of newOrChanged(change)) {
      if (before === undefined) continue;
      if (roles.has(kindOf(after))) {
        const gained = gainedPermissions(before.object, after.object).filter((permission) => !isPowerful(permission));
        if (gained.length > 0)
          yield { at: after, path: ['rules'], what: `may now ${listedTexts(gained.map(describe))}` };
      } else if (bindings.has(kindOf(after)) && !adminRoles.has(textOf(valueAt(after.object['roleRef'], 'name')))) {
        const old = subjectsOf(before.object);
        const gained = subjectsOf(after.object).filter((subject) => !old.includes(subject));
        if (gained.length > 0) yield { at: after, path: ['subjects'], what: `also applies to ${listedTexts(gained)}` };
      }
    }
  },
};

/** Signals about roles and bindings. */
export const rbacRules: readonly SignalRule[] = [powerful, wider];
