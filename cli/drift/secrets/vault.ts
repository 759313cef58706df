import type { ClusterDefinition } from '../../../cluster/definition';
import { fieldsOf, managedFields } from '../../../cluster/onePasswordFields';
import { credentialLabels } from '../../../clients/git/credentials';
import type { Item } from '../../../clients/onepassword/connectClient';
import { itemReads } from '../../../gitops/itemReads';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import type { ListedSystems } from '../../../gitops/listedSystems';
import type { CheckResult } from '../../preflight/checkResult';
import { evaluateItem } from '../../preflight/vault/evaluateItem';
import { connectChecks } from '../../preflight/vault/evaluateConnect';
import { type NeededItem, neededItems } from '../../preflight/vault/neededItems';
import type { CouldNotTell, Drift } from '../drift';
import { evaluateStored, type StoredField } from './storedFields';
import { objectName, type SyncObject } from './syncs';

/** Items that were read, by title: those of that title, or why they could not be read. */
export type ReadItems = ReadonlyMap<string, readonly Item[] | Error>;

/** The ExternalSecrets of Git, as far as they read the vault, for a cluster that cannot be read itself. */
export function objectsOfGit({ vaultFields }: Pick<ListedSystems, 'vaultFields'>): SyncObject[] {
  return vaultFields.map(({ title, field, by }) => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: by.kustomization },
    spec:
      field === '*'
        ? { dataFrom: [{ extract: { key: title } }] }
        : { data: [{ remoteRef: { key: title, property: field } }] },
  }));
}

/**
 * What people and the cluster must have put into the vault: what the cluster's own ExternalSecrets read and its PushSecrets
 * write, and the credentials of a private repository. With `stored`, the fields of the state are left to {@link evaluateStored}.
 */
export function itemsNeeded(
  definition: ClusterDefinition,
  objects: readonly SyncObject[],
  stored: readonly StoredField[] | undefined,
): NeededItem[] {
  const { gitCredentials } = definition;
  const people = (gitCredentials === undefined ? [] : credentialLabels(gitCredentials.kind)).map((field) => ({
    title: gitCredentials?.item ?? '',
    field,
  }));
  const needed = neededItems(objects as unknown as KubernetesObject[], fieldsOf(definition), people);
  if (stored === undefined) return needed;
  const isStored = (title: string, field: string): boolean =>
    stored.some((one) => one.title === title && one.field === field);
  return needed.flatMap((item) => {
    const fields = item.fields.filter(({ field }) => !isStored(item.title, field));
    return fields.length === 0 && !item.allFields ? [] : [{ ...item, fields }];
  });
}

/** What is wrong with the items, each explaining the ExternalSecrets that read it. */
export function evaluateItems(
  definition: ClusterDefinition,
  needed: readonly NeededItem[],
  stored: readonly StoredField[],
  items: ReadItems,
  objects: readonly SyncObject[],
): { drift: Drift[]; couldNotTell: CouldNotTell[] } {
  const { vault } = definition.connect;
  const managed = managedFields(definition);
  const couldNotTell = [...items].flatMap(([title, found]): CouldNotTell[] =>
    found instanceof Error
      ? [{ layer: 'secrets', object: `item ${title}`, why: found.message, todo: 'run drift again' }]
      : [],
  );
  const foundOf = (title: string): readonly Item[] | undefined => {
    const found = items.get(title);
    return found instanceof Error ? undefined : found;
  };
  const wrongShape = needed.flatMap((item): Drift[] => {
    const found = foundOf(item.title);
    if (found === undefined) return [];
    const { state, why, fix } = evaluateItem(item, found, vault, managed);
    if (state !== 'failed') return [];
    return [{ id: 'vault-item', layer: 'secrets', owner: 'people', object: `item ${item.title}`, why, todo: fix }];
  });
  const reported = new Set(wrongShape.map(({ object }) => object));
  const changed = stored.flatMap((one): Drift[] => {
    const found = foundOf(one.title);
    const drift = found && evaluateStored(one, found, vault);
    // An item that is missing or exists twice is one finding, whatever fields it should have.
    if (drift === undefined || (drift.id === 'vault-item' && reported.has(drift.object))) return [];
    if (drift.id === 'vault-item') reported.add(drift.object);
    return [drift];
  });
  return { drift: [...wrongShape, ...changed].map((drift) => withReaders(drift, stored, objects)), couldNotTell };
}

/** A finding about an item explains who cannot read it, and every resource that manages a part of it. */
function withReaders(drift: Drift, stored: readonly StoredField[], objects: readonly SyncObject[]): Drift {
  const isAbout = (title: string): boolean => drift.object === `item ${title}`;
  const readers = objects.filter((object) =>
    [...itemReads(object as unknown as KubernetesObject)].some(({ title }) => isAbout(title)),
  );
  const managers = drift.field === undefined ? stored.filter(({ title }) => isAbout(title)) : [];
  const explains = [
    ...(drift.explains ?? []),
    ...managers.map(({ resource }) => resource),
    ...readers.map((object) => objectName(object)),
  ];
  return explains.length === 0 ? drift : { ...drift, explains: [...new Set(explains)] };
}

/** What the checks of Connect say: what drifted, and whether the items can be read, with the reason if not. */
export function evaluateConnectChecks(
  results: readonly CheckResult[],
  { host, vault }: ClusterDefinition['connect'],
): { drift: Drift[]; readable: boolean; couldNotTell: CouldNotTell[] } {
  const items = `the items of vault ${vault}`;
  const failed = results.filter(({ state }) => state === 'failed');
  const of = (id: string): CheckResult | undefined => failed.find((result) => result.id === id);
  const server = of(connectChecks.server(host).id);
  if (server !== undefined) {
    const why = `1Password Connect ${host} ${server.why}`;
    return { drift: [], readable: false, couldNotTell: [{ layer: 'secrets', object: items, why, todo: server.fix }] };
  }
  const tokens = [
    { check: connectChecks.readToken, object: 'token connectToken' },
    { check: connectChecks.writeToken, object: 'token connectWriteToken' },
    { check: connectChecks.vault(vault), object: `vault ${vault}` },
  ].flatMap(({ check, object }) => {
    const result = of(check.id);
    return result === undefined ? [] : [{ object, why: result.why, todo: result.fix }];
  });
  // Any other failure is one of Connect, and says nothing about the token.
  const isRefusal = ({ object, why }: { object: string; why: string }): boolean =>
    object.startsWith('vault ') || /refused .*: 40[13] |lists no vault/.test(why);
  // Their expiry comes from the tokens themselves.
  const expired = /expire[sd] at/;
  const readable = of(connectChecks.readToken.id) === undefined && of(connectChecks.vault(vault).id) === undefined;
  return {
    drift: tokens
      .filter((one) => isRefusal(one) && !expired.test(one.why))
      .map((one) => ({ id: 'vault-access', layer: 'secrets' as const, owner: 'people', ...one })),
    readable,
    couldNotTell: [
      ...tokens
        .filter((one) => !isRefusal(one) && !expired.test(one.why))
        .map((one) => ({ layer: 'secrets' as const, ...one })),
      ...(readable
        ? []
        : [
            {
              layer: 'secrets' as const,
              object: items,
              why: 'connectToken does not read it',
              todo: 'correct that token',
            },
          ]),
    ],
  };
}
