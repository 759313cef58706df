import { fluxNamespace, rootKustomization } from './bootstrapOrder';

/** What decides whether the handover waits for a Kustomization. */
export interface DeclaredKustomization {
  name: string;
  namespace: string;
  suspended: boolean;
  /** Names in the same namespace. */
  dependsOn: readonly string[];
}

/** The Kustomizations that a handover waits for, and those that it does not, each with the reason. */
export interface Awaited {
  /** The root first, then in the order of declaration, without duplicates. */
  names: string[];
  skipped: { name: string; why: string }[];
}

/**
 * Decides which of the declared Kustomizations in Flux's namespace become ready on a new cluster: not those that Git suspends,
 * and not those that depend on one of them, however far away.
 */
export function awaitedKustomizations(declared: readonly DeclaredKustomization[]): Awaited {
  const own = declared.filter(({ namespace }) => namespace === fluxNamespace);
  const skipped = new Map(own.filter(({ suspended }) => suspended).map(({ name }) => [name, 'suspended in Git']));
  for (let known = -1; known !== skipped.size;) {
    known = skipped.size;
    for (const { name, dependsOn } of own) {
      const missing = dependsOn.find((dependency) => skipped.has(dependency));
      if (missing !== undefined && !skipped.has(name)) skipped.set(name, `depends on ${missing}`);
    }
  }
  const names = own.map(({ name }) => name).filter((name) => !skipped.has(name));
  return {
    names: [...new Set([rootKustomization, ...names])],
    skipped: [...skipped].map(([name, why]) => ({ name, why })),
  };
}
