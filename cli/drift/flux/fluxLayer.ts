import { setTimeout as sleep } from 'node:timers/promises';
import { storedRevisions } from '../../../clients/helm/releaseState';
import { ApiResources } from '../../../clients/kubernetes/apiResources';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { withTempDir } from '../../../clients/process/tempDir';
import { newestOf, releaseProblem } from '../../../gitops/drift/releases';
import { type KubernetesObject, describeObject, valueAt } from '../../../gitops/kubernetesObject';
import type { DriftContext } from '../context';
import type { Drift, LayerFindings } from '../drift';
import { compareAll } from '../kubernetes/compareAll';
import type { Comparer, Wanted } from '../kubernetes/compareObject';
import { Unknowns } from '../kubernetes/findings';
import { reconcileFix } from '../kubernetes/fixes';
import { releaseKey, releaseObjects } from '../kubernetes/releaseObjects';
import { whileUnchanged } from '../kubernetes/whileUnchanged';
import { isKnown } from '../known';
import { kustomizationsBehind, sourcesBehind } from './behind';
import { type FluxObjects, ofKind, type Pace, readFluxObjects, settled } from './fluxObjects';
import { coreReleaseKeys, isCoreRelease } from './coreReleases';
import { orphanFindings } from './orphans';
import { type RenderedKustomization, renderAll } from './renderAll';
import { SourceTrees } from './sourceTrees';
import { commandName, stateFinding } from './states';
import { withMissingParents } from './missingParents';

const pollMilliseconds = 2_000;
const ids = { missing: 'flux-object-missing', changed: 'flux-object-changed' };

/**
 * Compares a cluster with what Flux applied: how Flux's objects stand, every object of every Kustomization and HelmRelease field by
 * field, and what no one owns any more. The releases that the bootstrap installs first are the core layer's.
 */
export async function compareFlux(context: DriftContext): Promise<LayerFindings> {
  const { signal, waitSeconds, note } = context;
  const unknowns = new Unknowns('flux');
  const known = await context.kubernetes();
  if (!isKnown(known)) {
    unknowns.add('everything of Flux', known.why, known.todo);
    return { drift: [], couldNotTell: unknowns.all, compared: 0 };
  }
  const api = known.value;
  const pace = { waitSeconds, pollMilliseconds, signal, note };
  return withTempDir(async (folder) => {
    const trees = new SourceTrees({ root: context.root, folder, api, signal });
    return new FluxComparison(context, api, trees, unknowns, pace).run();
  });
}

class FluxComparison {
  private readonly comparer: Comparer;
  private compared = 0;
  /** What Git says about whether an object is suspended, by its name. */
  private readonly suspendedInGit = new Set<string>();

  constructor(
    private readonly context: DriftContext,
    private readonly api: KubernetesClient,
    private readonly trees: SourceTrees,
    private readonly unknowns: Unknowns,
    private readonly pace: Pace,
  ) {
    this.comparer = { api, resources: new ApiResources(api), signal: context.signal };
  }

  async run(): Promise<LayerFindings> {
    const { api, unknowns, pace } = this;
    const read = (): Promise<FluxObjects> => readFluxObjects(api);
    let objects = await settled(read, pace);
    objects = await this.caughtUp(objects, read);
    for (const { kind, why, todo } of objects.refused) unknowns.addKind(kind, why, todo);
    const behind = sourcesBehind(objects, this.trees, api, unknowns, pace);
    // Awaited below; without this, a failure before that would end the process.
    behind.catch(() => undefined);
    const owned = await whileUnchanged(objects, {
      settled: () => settled(read, pace),
      read: () => readFluxObjects(api, ['Kustomization', 'HelmRelease']),
      select: (now) => [...ofKind(now, 'Kustomization'), ...this.otherReleases(now)],
      compare: (owners, now) => this.compareOwners(owners, now),
      unknowns,
    });
    // What was suspended or not ready may be over.
    objects = await read();
    const orphans = await orphanFindings(objects, api, unknowns);
    this.compared += objects.all.length;
    const drift = [
      ...this.stateFindings(objects),
      ...(await behind),
      ...kustomizationsBehind(objects),
      ...owned,
      ...orphans,
    ];
    return { drift: withMissingParents(drift, objects), couldNotTell: unknowns.all, compared: this.compared };
  }

  /** Kustomizations look at a new revision of their source within moments. */
  private async caughtUp(first: FluxObjects, read: () => Promise<FluxObjects>): Promise<FluxObjects> {
    const { waitSeconds, signal } = this.pace;
    const until = performance.now() + Math.min(waitSeconds, 30) * 1000;
    let objects = first;
    while (kustomizationsBehind(objects).length > 0 && performance.now() < until) {
      await sleep(pollMilliseconds, undefined, { signal });
      objects = await settled(read, this.pace);
    }
    return objects;
  }

  private otherReleases(objects: FluxObjects): FluxObjects['all'] {
    const core = coreReleaseKeys(this.context.bootstrap);
    return ofKind(objects, 'HelmRelease').filter(({ object }) => !isCoreRelease(object, core));
  }

  private stateFindings(objects: FluxObjects): Drift[] {
    const core = coreReleaseKeys(this.context.bootstrap);
    return objects.all.flatMap((one) => {
      const finding = stateFinding(one, objects);
      if (finding === undefined) return [];
      if (finding.id === 'flux-suspended') return this.suspendedInGit.has(finding.object) ? [] : [finding];
      // The core layer says why a core release is not ready.
      return one.object.kind === 'HelmRelease' && isCoreRelease(one.object, core) ? [] : [finding];
    });
  }

  private async compareOwners(
    owners: readonly KubernetesObject[],
    objects: FluxObjects,
  ): Promise<{ owner: string; found: Drift[] }[]> {
    const kustomizations = owners.filter(
      ({ kind, ...object }) =>
        kind === 'Kustomization' && valueAt(object, 'status', 'lastAppliedRevision') !== undefined,
    );
    const sources = objects.all.map(({ object }) => object);
    // All of them: the settings of one may come from another.
    const all = ofKind(objects, 'Kustomization').map(({ object }) => object);
    const rendered = await renderAll({
      kustomizations: all.filter((one) => valueAt(one, 'status', 'lastAppliedRevision') !== undefined),
      ...{ sources, trees: this.trees, api: this.api },
    });
    const applied = rendered.filter(({ kustomization }) => kustomizations.includes(kustomization));
    return mapConcurrently(
      4,
      [...applied, ...owners.filter(({ kind }) => kind === 'HelmRelease')],
      async (one): Promise<{ owner: string; found: Drift[] }> =>
        isRendered(one)
          ? { owner: describeObject(one.kustomization), found: await this.compareKustomization(one) }
          : { owner: describeObject(one), found: await this.compareRelease(one) },
    );
  }

  private async compareKustomization({ kustomization, objects }: RenderedKustomization): Promise<Drift[]> {
    const owner = describeObject(kustomization);
    if (!isKnown(objects)) {
      this.unknowns.add(`what ${owner} applied`, objects.why, objects.todo);
      return [];
    }
    for (const { object } of objects.value) {
      if (valueAt(object, 'spec', 'suspend') === true) this.suspendedInGit.add(describeObject(object));
    }
    return this.compareObjects(kustomization, objects.value);
  }

  private async compareRelease(release: KubernetesObject): Promise<Drift[]> {
    const name = describeObject(release);
    const stored = await storedRevisions(this.api, releaseKey(release));
    const history = newestOf(release);
    // One that was never installed says so itself.
    const problem = history === undefined ? undefined : releaseProblem(stored, history, true);
    if (problem !== undefined) {
      const fix = reconcileFix(release);
      const todo = `let Flux install it again: flux reconcile helmrelease ${commandName(release).replace(/^\S+ /, '')} --force`;
      const shared = { layer: 'flux', owner: name, object: name, why: problem.why, todo } as const;
      return [{ id: `release-${problem.kind}`, ...shared, ...(fix && { fix }) }];
    }
    const objects = await releaseObjects(release, this.api, this.comparer.resources);
    return this.compareObjects(release, objects ?? []);
  }

  private async compareObjects(owner: KubernetesObject, wanted: readonly Wanted[]): Promise<Drift[]> {
    const name = describeObject(owner);
    const isSuspended = valueAt(owner, 'spec', 'suspend') === true;
    const fix = isSuspended ? undefined : reconcileFix(owner);
    const todo = isSuspended
      ? `undo the change, or put it into Git; ${name} is suspended and does not undo it`
      : `put the change into Git, or undo it: flux reconcile ${commandName(owner)}`;
    this.compared += wanted.length;
    return compareAll(wanted, {
      ...{ comparer: this.comparer, unknowns: this.unknowns, ids },
      subject: ({ object }) => ({
        layer: 'flux',
        owner: name,
        object: describeObject(object),
        todo,
        ...(fix && { fix }),
      }),
      // Suspended is a finding of its own.
      isToldElsewhere: (_, path) => path === 'spec.suspend',
    });
  }
}

function isRendered(owner: KubernetesObject | RenderedKustomization): owner is RenderedKustomization {
  return !('apiVersion' in owner);
}
