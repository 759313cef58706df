import { isScalar, isSeq, parseDocument, Scalar, type YAMLSeq } from 'yaml';
import { coreSystem } from './systems';
import { textOf } from './yamlEdit';

const newFile = `---
# yaml-language-server: $schema=https://json.schemastore.org/kustomization
# The entry point: FluxInstance's Kustomization flux-system applies this folder as it is, without substitution. The
# cluster has the systems listed here and no others.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - cluster-settings.yaml
components:
  - ../../components/cluster-defaults
`;

const prefix = '../../systems/';
const systemOf = (resource: unknown): string | undefined => {
  const path = isScalar(resource) ? String(resource.value).replace(/\/$/, '') : '';
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
};

/** The systems that a cluster's kustomization.yaml lists, in its order. */
export function listedIn(text: string): string[] {
  const resources = parseDocument(text).get('resources', true);
  return isSeq(resources) ? resources.items.flatMap((item) => systemOf(item) ?? []) : [];
}

/**
 * The text of a cluster's kustomization.yaml that lists these systems. Other resources, comments and the order stay; a new
 * system comes after the last one that sorts before it, and `core` first.
 */
export function entryPointText(before: string | undefined, systems: readonly string[]): string {
  const document = parseDocument(before ?? newFile);
  if (!isSeq(document.get('resources', true))) document.set('resources', document.createNode([]));
  const resources = document.get('resources', true) as YAMLSeq<Scalar<string>>;
  resources.items = resources.items.filter((item) => {
    const system = systemOf(item);
    return system === undefined || systems.includes(system);
  });
  for (const system of systems) {
    const names = resources.items.map(systemOf);
    if (names.includes(system)) continue;
    const isBefore = (name: string | undefined): boolean =>
      name === coreSystem || (name !== undefined && name < system);
    const last = system === coreSystem ? -1 : names.findLastIndex(isBefore);
    const firstSystem = names.findIndex((name) => name !== undefined);
    const at = last >= 0 ? last + 1 : firstSystem >= 0 ? firstSystem : resources.items.length;
    resources.items.splice(at, 0, new Scalar(`${prefix}${system}`));
  }
  return textOf(document, before);
}
