import { secretAge } from '../../../cluster/secretAges';
import { tokenTimes } from '../../../clients/onepassword/tokenClaims';
import { textOf, valueAt } from '../../../gitops/kubernetesObject';
import { checkConnect, readItems } from '../../preflight/vault/checkVault';
import type { DriftContext } from '../context';
import type { CouldNotTell, Drift, LayerFindings } from '../drift';
import { isKnown } from '../known';
import { pulumiUp } from '../pulumi/up';
import { evaluateAges, recordedAges } from './ages';
import { inCluster } from './inCluster';
import { storedFields } from './storedFields';
import { objectName, storesOf, type SyncObject } from './syncs';
import { evaluateConnectChecks, evaluateItems, itemsNeeded, objectsOfGit } from './vault';

/** Compares secrets: what external-secrets reports, the vault, the Secrets that the program created, and ages. */
export async function checkSecrets(context: DriftContext, pause?: number): Promise<LayerFindings> {
  const cluster = await inCluster(context, pause);
  const [vault, ages] = [await inVault(context, cluster.objects ?? objectsOfGit(context.systems)), agesOf(context)];
  const all = [cluster, vault, ages];
  const drift = all.flatMap((findings) => findings.drift);
  return {
    drift: [...drift, ...vault.unreachable(drift)],
    couldNotTell: all.flatMap(({ couldNotTell }) => couldNotTell),
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
  };
}

type InVault = LayerFindings & {
  /** A finding that explains those of the cluster, if Connect does not respond. */
  unreachable(drift: readonly Drift[]): Drift[];
};

async function inVault(context: DriftContext, objects: readonly SyncObject[]): Promise<InVault> {
  const { definition, secrets, state, stack, signal } = context;
  const { connect } = definition;
  if (!isKnown(secrets)) {
    const unknown: CouldNotTell = { layer: 'secrets', object: `the items of vault ${connect.vault}`, ...secrets };
    return { drift: [], couldNotTell: [unknown], compared: 0, unreachable: () => [] };
  }
  const { connectToken: readToken, connectWriteToken: writeToken } = secrets.value;
  const results = await checkConnect(connect, { readToken, writeToken }, signal);
  const checked = evaluateConnectChecks(results, connect);
  const unreachable = (drift: readonly Drift[]): Drift[] =>
    results[0]?.state === 'ok' ? [] : unreachableConnect(connect.host, results[0]?.why ?? '', drift, objects);
  const compared = results.filter((result) => result.state !== 'skipped').length;
  if (!checked.readable) return { ...checked, compared, unreachable };
  const stored = isKnown(state) ? storedFields(state.value, stack, pulumiUp(stack)) : undefined;
  const couldNotTell = isKnown(state)
    ? []
    : [{ layer: 'secrets' as const, object: 'whether the vault has the values of the state', ...state }];
  const needed = itemsNeeded(definition, objects, stored);
  const titles = [...new Set([...needed, ...(stored ?? [])].map(({ title }) => title))];
  const items = await readItems(titles, connect, readToken, signal);
  const found = evaluateItems(definition, needed, stored ?? [], items, objects);
  return {
    drift: [...checked.drift, ...found.drift],
    couldNotTell: [...checked.couldNotTell, ...couldNotTell, ...found.couldNotTell],
    compared: compared + titles.length,
    unreachable,
  };
}

/** One finding for everything that is not ready in the cluster because Connect does not respond; none if it is not noticed there. */
export function unreachableConnect(
  host: string,
  why: string,
  drift: readonly Drift[],
  objects: readonly SyncObject[],
): Drift[] {
  const stores = objects.filter(
    (object) => textOf(valueAt(object.spec, 'provider', 'onepassword', 'connectHost')) === host,
  );
  const names = stores.map((store) => objectName(store));
  const affected = objects.filter((object) => storesOf(object).some((store) => names.includes(store)));
  const ids = ['external-secret', 'secret-store', 'push-secret'];
  const explains = [...names, ...affected.map((object) => objectName(object))].filter((name) =>
    drift.some(({ id, object }) => object === name && ids.includes(id)),
  );
  if (explains.length === 0) return [];
  const object = `1Password Connect ${host}`;
  const todo = 'start it: docs/connect.md';
  return [{ id: 'connect-unreachable', layer: 'secrets', owner: 'people', object, why, todo, explains }];
}

function agesOf({ secrets, state, stack }: DriftContext): LayerFindings {
  const recorded = isKnown(state) ? recordedAges(state.value) : undefined;
  const keys = ['connectToken', 'connectWriteToken'] as const;
  const own = !isKnown(secrets)
    ? {}
    : Object.fromEntries(
        keys.map((key) => {
          const { issuedAt, expiresAt } = tokenTimes(secrets.value[key]);
          return [key, secretAge('bootstrap-token', issuedAt, expiresAt)];
        }),
      );
  // The configuration may have a newer token than the last `up` recorded.
  const ages = { ...recorded, ...own };
  const unknown = isKnown(state)
    ? { why: 'the state of the stack has no output secretAges', todo: `run: pulumi up --stack ${stack}` }
    : state;
  return {
    drift: evaluateAges(ages, stack, new Date()),
    couldNotTell:
      recorded === undefined ? [{ layer: 'secrets', object: 'the ages of generated secrets', ...unknown }] : [],
    compared: Object.keys(ages).length,
  };
}
