import { describeObject } from '../kubernetesObject';
import type { Tree, TreeCluster } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { inventoryOf } from './facts/existence';
import type { Target } from './facts/referenceTable';
import { type Reference, referencesOf } from './facts/references';
import { findingAt, notCheckedAt } from './finding';

/** Text of a finding about a reference to something missing; nothing if another rule reports it. */
type Describe = (missing: Missing) => { what: string; todo: string } | undefined;

/** A reference to an object that does not exist. */
export interface Missing {
  tree: Tree;
  cluster: TreeCluster;
  reference: Reference;
}

/** A rule about the references of one kind: reports those whose target is missing, and names those it cannot decide. */
export function referenceRule(rule: Omit<Check, 'run'>, describe: Describe): Check {
  return {
    ...rule,
    *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
      for (const cluster of tree.clusters) {
        const references = referencesOf(cluster).filter((reference) => reference.rule === rule.id);
        yield { places: references.length };
        for (const reference of references) yield* judge({ tree, cluster, reference }, describe);
      }
    },
  };
}

function* judge(missing: Missing, describe: Describe): Generator<RawFinding | RawNotChecked> {
  const { tree, cluster, reference } = missing;
  const { object, path } = reference;
  const existence = inventoryOf(tree, cluster).find(reference, object);
  if (existence === 'made' || (existence !== 'missing' && 'object' in existence)) return;
  if (existence === 'missing') {
    const text = describe(missing);
    if (text !== undefined) yield findingAt(tree, cluster, object, path, text.what, text.todo);
  } else {
    const what = `whether ${describeTarget(reference)} exists`;
    yield notCheckedAt(cluster, object, path, existence.unknown, what);
  }
}

/** A target as shown in messages: `Secret shop/database`. */
export function describeTarget({ kind, namespace, name }: Target): string {
  return `${kind.slice(kind.lastIndexOf('/') + 1)} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** A reference by name to an object that nothing makes. */
export const referenceMissing: Check = referenceRule(
  {
    id: 'reference-missing',
    severity: 'error',
    set: 'general',
    why: 'Whatever needs the object waits for it, or works without it, and nothing says so before it runs.',
  },
  (missing) => {
    const { reference } = missing;
    const target = describeTarget(reference);
    const what =
      reference.url === undefined
        ? `names ${target} in ${fieldOf(reference)}, which nothing on this cluster makes`
        : `connects to ${reference.url} in ${fieldOf(reference)}, but nothing on this cluster makes ${target}`;
    return { what: `${what}${hint(missing)}`, todo: `correct the name, or declare ${target}` };
  },
);

function fieldOf({ path }: Reference): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/** What was probably meant: the same name elsewhere, or the names there are. */
function hint({ tree, cluster, reference }: Missing): string {
  const { kind, namespace, name } = reference;
  const inventory = inventoryOf(tree, cluster);
  const short = kind.slice(kind.lastIndexOf('/') + 1);
  // An Issuer where a ClusterIssuer is meant, and the like.
  const other = short.startsWith('Cluster') ? short.slice('Cluster'.length) : `Cluster${short}`;
  const [group] = kind.split('/');
  const wider = inventory.ofKind(`${group}/${other}`).find(({ object }) => object.metadata.name === name);
  if (wider !== undefined) return `; there is a ${describeObject(wider.object)}, which needs kind: ${other}`;
  const same = inventory.ofKind(kind).map(({ object }) => object);
  const [elsewhere, ...more] = same.filter((object) => object.metadata.name === name);
  if (elsewhere !== undefined && more.length === 0) return `; there is one in ${elsewhere.metadata.namespace ?? ''}`;
  const known = same.filter((object) => object.metadata.namespace === namespace).map((object) => object.metadata.name);
  return known.length === 0 || known.length > 12 ? '' : `; existing: ${[...new Set(known)].sort().join(', ')}`;
}
