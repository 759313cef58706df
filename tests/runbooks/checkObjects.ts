import { isPlaceholder, type ReadCommand } from './checkCommand';
import { type KnownObjects, keyOf } from './objects';

const flag = ({ flags }: ReadCommand, ...names: string[]): string | undefined => {
  const value = names.map((name) => flags.get(name)).find((one) => one !== undefined);
  return typeof value === 'string' ? value : undefined;
};

/** Commands whose first argument is a pod, unless it says something else. */
const ofPods = /^(logs|exec|attach|cp|port-forward|debug)$/;
/** Commands of Nodes. */
const ofNodes = /^(drain|cordon|uncordon)$/;
/** Commands whose arguments name kinds and objects. */
const ofObjects = /^(get|describe|delete|annotate|label|patch|edit|scale|wait|taint|expose|rollout \w+|top \w+)$/;

/** What a kubectl command names and the repository does not have. */
export function kubectlProblems(command: ReadCommand, known: KnownObjects): string[] {
  const namespace = flag(command, '-n', '--namespace');
  const problems = namespaceProblems(namespace, known);
  const from = flag(command, '--from');
  const refs = [...refsOf(command), ...(from === undefined ? [] : [from])];
  return [...problems, ...refs.flatMap((ref) => refProblems(ref, namespace, known))];
}

function namespaceProblems(namespace: string | undefined, { namespaces }: KnownObjects): string[] {
  if (namespace === undefined || isPlaceholder(namespace) || namespaces.has(namespace)) return [];
  return [`namespace ${namespace} is not in kubernetes/`];
}

/** `kind` or `kind/name` for each object that is named. */
function refsOf({ path, positionals }: ReadCommand): string[] {
  // Keys and values of annotate, label and taint.
  const words = positionals.filter((word, at) => at === 0 || (!/=|-$/.test(word) && !/^\{/.test(word)));
  const [first, ...names] = words;
  if (first === undefined) return [];
  if (ofNodes.test(path)) return words.map((name) => `node/${name}`);
  if (ofPods.test(path)) return [first.includes('/') ? first : `pod/${first}`];
  if (path.startsWith('top ')) return [path.slice(4)];
  if (!ofObjects.test(path)) return [];
  if (first.includes('/')) return words;
  return first.split(',').flatMap((kind) => (names.length === 0 ? [kind] : names.map((name) => `${kind}/${name}`)));
}

function refProblems(ref: string, namespace: string | undefined, known: KnownObjects): string[] {
  const [written = '', name] = ref.split('/');
  if (isPlaceholder(written)) return [];
  const kind = known.kinds.get(written.split('.')[0]?.toLowerCase() ?? '');
  if (kind === undefined) return [`${written} is not a kind that this repository or its charts have`];
  if (name === undefined || isPlaceholder(name) || isPlaceholder(namespace ?? '')) return [];
  if (known.clusterWide.has(kind))
    return known.objects.has(keyOf('', kind, name)) ? [] : [`${kind} ${name} does not exist`];
  if (namespace === undefined) return [`${kind} ${name} needs its namespace: -n`];
  // Pods have the name of what they belong to in front.
  if (kind === 'Pod' && [...known.objects].some((key) => isOwner(key, namespace, name))) return [];
  return known.objects.has(keyOf(namespace, kind, name)) ? [] : [`${kind} ${namespace}/${name} does not exist`];
}

const isOwner = (key: string, namespace: string, pod: string): boolean => {
  const [its = '', , owner = ''] = key.split(' ');
  return its === namespace && owner !== '' && pod.startsWith(`${owner}-`);
};

const fluxKinds: Readonly<Record<string, string>> = {
  kustomization: 'Kustomization',
  kustomizations: 'Kustomization',
  helmrelease: 'HelmRelease',
  helmreleases: 'HelmRelease',
  'source git': 'GitRepository',
  'sources git': 'GitRepository',
  'source oci': 'OCIRepository',
  'sources oci': 'OCIRepository',
};

/** The same for a command of flux, whose namespace is its own without -n. */
export function fluxProblems(command: ReadCommand, known: KnownObjects): string[] {
  const namespace = flag(command, '-n', '--namespace') ?? 'flux-system';
  const kind = fluxKinds[command.path.split(' ').slice(1).join(' ')];
  const names = kind === undefined ? [] : command.positionals;
  return [
    ...namespaceProblems(namespace, known),
    ...names.flatMap((name) => refProblems(`${kind ?? ''}/${name}`, namespace, known)),
    // Kustomizations are all in Flux's namespace, releases never are by themselves.
    ...(kind === 'HelmRelease' && names.some(isPlaceholder) && flag(command, '-n', '--namespace') === undefined
      ? ['a HelmRelease needs its namespace: -n']
      : []),
  ];
}

/** The same for a command of helm: a release is a HelmRelease. */
export function helmProblems(command: ReadCommand, known: KnownObjects): string[] {
  const namespace = flag(command, '-n', '--namespace');
  const [release] = /^(history|rollback|status|uninstall|upgrade|get \w+)$/.test(command.path)
    ? command.positionals
    : [];
  return [
    ...namespaceProblems(namespace, known),
    ...(release === undefined ? [] : refProblems(`helmrelease/${release}`, namespace, known)),
  ];
}

/** The same for a command of talosctl. */
export function talosProblems({ path, positionals, flags }: ReadCommand, { talos }: KnownObjects): string[] {
  const [name] = positionals;
  if (name === undefined || isPlaceholder(name)) return [];
  if (path === 'get' && !talos.resources.has(name)) return [`${name} is not a resource of Talos that is known here`];
  const isService = path === 'service' || (path === 'logs' && !flags.has('-k') && !flags.has('--kubernetes'));
  return isService && !talos.services.has(name) ? [`${name} is not a service of Talos`] : [];
}
