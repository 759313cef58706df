import { isMap, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { hostUrl, type Hosts } from './hosts';
import { type Item, nameOf, namespaceOf, type ReadSecret } from './objects';

// What VictoriaMetrics operator 0.63 makes of VMUsers (internal/controller/operator/factory/vmauth/vmusers_config.go), as far as
// our users need it: names and passwords, targets, paths. Ours: the addresses, and the parts of paths that are dropped.

/** vmauth's configuration, and what of the users it leaves out because the lab has no program behind it. */
export interface AuthConfig {
  config: { users: object[] };
  leftOut: string[];
}

interface Target {
  url_prefix: string[];
  src_paths: string[];
  drop_src_path_prefix_parts?: number;
}

/** The operator's Services for what `crd` names; the port does not matter here. */
const servicesOfKinds: Readonly<Record<string, (name: string) => string>> = {
  'VMCluster/vminsert': (name) => `http://vminsert-${name}`,
  'VMCluster/vmselect': (name) => `http://vmselect-${name}`,
  VMAlertmanager: (name) => `http://vmalertmanager-${name}`,
};

/** Paths that a target without any gets from the operator. */
const pathsOfKinds: Readonly<Record<string, string[]>> = {
  'VMCluster/vminsert': ['/insert/.*'],
  'VMCluster/vmselect': ['/select/.*', '/admin/.*'],
};

const everything = ['/', '/*', '/.*'];

/** The configuration of vmauth for these users. */
export function authConfig(users: readonly Item[], secret: ReadSecret, hosts: Hosts): AuthConfig {
  const leftOut: string[] = [];
  const rendered = users.flatMap((user) => {
    const targets = listOf(user.spec?.['targetRefs']).map((reference) => targetOf(user, reference, hosts));
    const known = targets.flatMap((target) => (typeof target === 'string' ? [] : [target]));
    leftOut.push(
      ...targets.flatMap((target) => (typeof target === 'string' ? [`VMUser ${nameOf(user)}: ${target}`] : [])),
    );
    return known.length === 0 ? [] : [{ url_map: known, ...credentialOf(user, secret) }];
  });
  return { config: { users: rendered }, leftOut };
}

function credentialOf(user: Item, secret: ReadSecret): { username: string; password: string } {
  const reference = user.spec?.['passwordRef'];
  const [name, key] = [textOf(valueAt(reference, 'name')), textOf(valueAt(reference, 'key'))];
  if (name === '') throw new Error(`VMUser ${nameOf(user)}: the lab renders users with a passwordRef only`);
  return {
    username: textOf(user.spec?.['username'], user.metadata.name),
    password: secret({ namespace: namespaceOf(user), name, key }),
  };
}

/** A target, or why it has none in the lab. */
function targetOf(user: Item, reference: unknown, hosts: Hosts): Target | string {
  if (!isMap(reference)) throw new Error(`VMUser ${nameOf(user)}: a targetRef is not an object`);
  const kind = textOf(valueAt(reference, 'crd', 'kind'));
  const service = servicesOfKinds[kind]?.(textOf(valueAt(reference, 'crd', 'name')));
  const url = service ?? textOf(valueAt(reference, 'static', 'url'));
  if (url === '') return `the lab has no program for ${kind === '' ? 'a target without a URL' : kind}`;
  const found = hostUrl(url, hosts);
  if (found === undefined) return `the lab has no program for ${url}`;
  const paths = listOf(reference['paths']).map((path) => textOf(path));
  const given = paths.length === 1 && everything.includes(paths[0] ?? '') ? ['/.*'] : paths;
  return {
    url_prefix: [found.url],
    src_paths: given.length > 0 ? given : (pathsOfKinds[kind] ?? ['/.*']),
    ...(found.dropped > 0 && { drop_src_path_prefix_parts: found.dropped }),
  };
}

/** Where the operator mounts the Secrets of `spec.secrets`. */
const secretsDir = '/etc/vm/secrets';

/** vmauth's own flags in the lab: those of the object, with the files of its Secrets below `dir`. */
export function authFlags(auth: Item, dir: string): [string, string][] {
  const args = isMap(auth.spec?.['extraArgs']) ? auth.spec['extraArgs'] : {};
  return Object.entries(args)
    .map(([flag, value]): [string, string] => [flag, textOf(value).replace(`${secretsDir}/`, `${dir}/`)])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
