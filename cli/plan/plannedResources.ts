import { isUnknown } from '@pulumi/pulumi';
import type { Registered } from '../../stacks/mocked/recorder';
import { type Json, type JsonMap, isMap } from '../../gitops/kubernetesObject';
import { secretMark } from '../../cluster/talos/secretPaths';
import type { PlannedResource } from './stackPlan';

/** A resource's name for people: the last part of its type, and its name. */
export function idOf({ type, name }: Pick<Registered, 'type' | 'name'>): string {
  return `${type.split(':').at(-1)} ${name}`;
}

/**
 * The resources for people, each after those that it depends on and its component, otherwise in the order of registration.
 * @param placeholders texts at secret inputs that only name a secret
 * @param shown the text in place of an input that is shown elsewhere
 */
export function plannedResources(
  registered: readonly Registered[],
  placeholders: ReadonlySet<string>,
  shown: (resource: Registered, input: string) => Json | undefined,
): PlannedResource[] {
  const byUrn = new Map(registered.map((resource) => [resource.urn, resource]));
  const ids = (urns: readonly string[]): string[] =>
    urns.flatMap((urn) => {
      const found = byUrn.get(urn);
      return found === undefined ? [] : [idOf(found)];
    });
  return inOrder(registered, byUrn).map((resource) => {
    const parent = byUrn.get(resource.parent);
    const secret = new Set(resource.secretInputs);
    const plain = (value: unknown, path: string, from: string): Json => {
      if (isUnknown(value)) return secret.has(path) ? `${secretMark}${from}` : `[unknown${from}]`;
      if (secret.has(path)) return typeof value === 'string' && placeholders.has(value) ? value : `${secretMark}`;
      if (Array.isArray(value)) return value.map((item, index) => plain(item, `${path}[${index}]`, from));
      if (isMap(value)) return mapOf(value, path, from);
      return (value ?? null) as Json;
    };
    const mapOf = (map: object, path: string, from: string): JsonMap =>
      Object.fromEntries(Object.entries(map).map(([key, item]) => [key, plain(item, `${path}.${key}`, from)]));
    const inputs = Object.entries(resource.inputs).map(([key, value]): [string, Json] => {
      const sources = ids(resource.inputDependencies[key] ?? []);
      const from = sources.length === 0 ? '' : `: from ${sources.join(', ')}`;
      return [key, shown(resource, key) ?? plain(value, key, from)];
    });
    return {
      id: idOf(resource),
      type: resource.type,
      name: resource.name,
      ...(parent !== undefined && { parent: idOf(parent) }),
      after: ids(resource.dependencies.filter((urn) => urn !== resource.parent)),
      inputs: Object.fromEntries(inputs),
      ignored: resource.ignoreChanges,
    };
  });
}

function inOrder(registered: readonly Registered[], byUrn: ReadonlyMap<string, Registered>): Registered[] {
  const ordered = new Set<Registered>();
  const visiting = new Set<Registered>();
  const visit = (resource: Registered): void => {
    if (ordered.has(resource) || visiting.has(resource)) return;
    visiting.add(resource);
    // Not a component first: it depends on nothing itself, but is not before what its resources depend on.
    for (const urn of [...resource.dependencies.filter((urn) => urn !== resource.parent), resource.parent]) {
      const before = byUrn.get(urn);
      if (before !== undefined) visit(before);
    }
    ordered.add(resource);
  };
  const parents = new Set(registered.map(({ parent }) => parent));
  registered.filter(({ urn }) => !parents.has(urn)).forEach(visit);
  registered.forEach(visit);
  return [...ordered];
}
