import type { ReleaseInput } from '../../../cluster/bootstrapInputs';
import { storedRevisions } from '../../../clients/helm/releaseState';
import { ApiResources } from '../../../clients/kubernetes/apiResources';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { explainedBy } from '../../../gitops/drift/fluxStates';
import { newestOf, type ReleaseProblem, releaseProblem } from '../../../gitops/drift/releases';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import { ownerOf } from '../appliedBy';
import type { DriftContext } from '../context';
import type { Drift, LayerFindings } from '../drift';
import { coreReleaseKeys, isCoreRelease } from '../flux/coreReleases';
import { type FluxObjects, ofKind, readFluxObjects, settled } from '../flux/fluxObjects';
import { commandName, stateFinding } from '../flux/states';
import { compareAll } from '../kubernetes/compareAll';
import { Unknowns } from '../kubernetes/findings';
import { reconcileFix } from '../kubernetes/fixes';
import { releaseKey, releaseObjects } from '../kubernetes/releaseObjects';
import { whileUnchanged } from '../kubernetes/whileUnchanged';
import { isKnown } from '../known';

const pollMilliseconds = 2_000;
const ids = { missing: 'core-object-missing', changed: 'core-object-changed' };

/**
 * Compares the releases that the bootstrap installs first: whether they are complete and adopted by Flux, and each of their
 * objects with the manifest that Helm stored.
 */
export async function compareCore(context: DriftContext): Promise<LayerFindings> {
  const { signal, waitSeconds, note, bootstrap } = context;
  const unknowns = new Unknowns('core');
  const known = await context.kubernetes();
  if (!isKnown(known)) {
    unknowns.add('the core releases', known.why, known.todo);
    return { drift: [], couldNotTell: unknowns.all, compared: 0 };
  }
  const api = known.value;
  const comparer = { api, resources: new ApiResources(api), signal };
  const keys = coreReleaseKeys(bootstrap);
  const read = (): Promise<FluxObjects> => readFluxObjects(api, ['HelmRelease', 'Kustomization', 'OCIRepository']);
  const isCore = (one: { object: KubernetesObject }): boolean => isCoreRelease(one.object, keys);
  const pace = { waitSeconds, pollMilliseconds, signal, note };
  // Only what belongs to the core is waited for.
  const ours = async (): Promise<FluxObjects> => {
    const objects = await read();
    return { ...objects, all: ofKind(objects, 'HelmRelease').filter(isCore) };
  };
  await settled(ours, pace);
  const objects = await read();
  for (const { kind, why, todo } of objects.refused) unknowns.addKind(kind, why, todo);
  let compared = 0;
  const releases = new Map(ofKind(objects, 'HelmRelease').map(({ object }) => [keyOf(releaseKey(object)), object]));
  const problems = await mapConcurrently(4, bootstrap.stages.flat(), async (release) => {
    compared += 1;
    return wholeRelease(release, releases.get(keyOf(release)), objects, api);
  });
  const broken = new Set(problems.flatMap((finding) => (finding === undefined ? [] : [finding.object])));
  const changed = await whileUnchanged(objects, {
    settled: async () => {
      await settled(ours, pace);
      return read();
    },
    ...{ read, unknowns },
    select: (now) => ofKind(now, 'HelmRelease').filter((one) => isCore(one) && !broken.has(describeObject(one.object))),
    compare: async (owners) => {
      const all: { owner: string; found: Drift[] }[] = [];
      for (const owner of owners) {
        const name = describeObject(owner);
        const wanted = (await releaseObjects(owner, api, comparer.resources)) ?? [];
        compared += wanted.length;
        const fix = reconcileFix(owner);
        const todo = `put the change into Git, or undo it: flux reconcile ${commandName(owner)}`;
        const found = await compareAll(wanted, {
          ...{ comparer, unknowns, ids },
          subject: ({ object }) => ({
            ...{ layer: 'core', owner: name, object: describeObject(object), todo },
            ...(fix && { fix }),
          }),
        });
        all.push({ owner: name, found });
      }
      return all;
    },
  });
  return { drift: [...problems.filter((one) => one !== undefined), ...changed], couldNotTell: unknowns.all, compared };
}

/** The finding about a release as a whole; undefined if it is as it should be. */
async function wholeRelease(
  release: ReleaseInput,
  helmRelease: KubernetesObject | undefined,
  objects: FluxObjects,
  api: KubernetesClient,
): Promise<Drift | undefined> {
  const stored = await storedRevisions(api, release);
  const history = helmRelease && newestOf(helmRelease);
  const problem = releaseProblem(stored, history, helmRelease !== undefined);
  const state = objects.all.find(({ object }) => object === helmRelease);
  if (problem === undefined) {
    const finding = state && stateFinding(state, objects);
    // The Flux layer tells what is suspended.
    return finding === undefined || finding.id === 'flux-suspended'
      ? undefined
      : { ...finding, id: finding.id.replace('flux-', 'core-release-'), layer: 'core' };
  }
  const object = helmRelease === undefined ? `HelmRelease ${keyOf(release)}` : describeObject(helmRelease);
  const owner = helmRelease && ownerOf(helmRelease);
  const explains = explainedBy(object, owner, objects.all);
  const fix = helmRelease && problem.kind !== 'not-adopted' ? reconcileFix(helmRelease) : undefined;
  return {
    ...{ id: `core-release-${problem.kind}`, layer: 'core', owner: owner ?? 'Pulumi', object },
    why: problem.why,
    todo: todoOf(problem, release, helmRelease),
    ...(explains.length > 0 && { explains }),
    ...(fix && { fix }),
  };
}

function todoOf({ kind }: ReleaseProblem, release: ReleaseInput, helmRelease: KubernetesObject | undefined): string {
  if (helmRelease === undefined) {
    return kind === 'gone' ? 'run: pulumi up' : 'restore its HelmRelease: flux reconcile kustomization flux-system';
  }
  if (kind === 'not-adopted') return `see why Flux does not install it: flux get ${commandName(helmRelease)}`;
  const history = `helm history ${release.name} -n ${release.storageNamespace}`;
  return `see what happened (${history}), then: flux reconcile ${commandName(helmRelease)} --force`;
}

function keyOf({ storageNamespace, name }: { storageNamespace: string; name: string }): string {
  return `${storageNamespace}/${name}`;
}
