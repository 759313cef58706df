import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../../../clients/onepassword/connectClient';
import { fieldValue } from '../../../clients/onepassword/managedFields';
import { type MachineSecrets, parseSecretsFile } from '../../../clients/talos/secretsBundle';
import { formerTokens, tokens } from '../../../provider/resources/tokens';
import {
  decryptedDeep,
  type ExportedState,
  resourceObject,
  resourcesOf,
  type StateResource,
} from '../../stack/exportedState';
import type { Drift, DriftFix } from '../drift';

/** A field of an item whose value the state has, too. */
export interface StoredField {
  /** How findings name the resource that manages it. */
  resource: string;
  title: string;
  field: string;
  /** Whether a value is that of the state. Neither is ever shown. */
  matches: (value: string) => boolean;
  /** What to do if it is missing, and about another value, as imperative clauses. */
  todo: { missing: string; changed: string };
  /** Puts the value of the state back; absent where the vault counts, so that a person must decide. */
  fix?: DriftFix;
}

/** Every field of 1Password that the resources of a state manage. */
export function storedFields(state: ExportedState, stack: string, fix?: DriftFix): StoredField[] {
  const run = `pulumi up --refresh --stack ${stack}`;
  const missing = `have the program store it again: ${run}`;
  const takesOver = `take the new value over (${run}), or restore the old one from the history of the item`;
  return managing(state).flatMap(({ token, resource, outputs }): StoredField[] => {
    const title = String(outputs['title']);
    const of = (field: string, value: unknown, changed: string): StoredField => ({
      ...{ resource: resourceObject(resource), title, field, todo: { missing, changed } },
      matches: (found) => found === value,
    });
    if (token === tokens.generatedSecret) return [of(String(outputs['field']), outputs['value'], takesOver)];
    if (token === tokens.generatedCertificateAuthority) {
      return [of('ca.crt', outputs['certificate'], takesOver), of('ca.key', outputs['privateKey'], takesOver)];
    }
    if (token === tokens.onePasswordItem) {
      const fields = Object.entries((outputs['fields'] ?? {}) as Record<string, unknown>);
      const changed = `have the program write its own value again: ${run}`;
      return fields.map(([field, value]) => ({ ...of(field, value, changed), ...(fix && { fix }) }));
    }
    const secrets = outputs['machineSecrets'] as MachineSecrets | undefined;
    const changed = `remove the field, and have the program store those of the cluster there again: ${run}`;
    return [{ ...of(String(outputs['field']), undefined, changed), matches: (found) => isSecretsFile(found, secrets) }];
  });
}

interface Managing {
  token: string;
  resource: StateResource;
  outputs: Record<string, unknown>;
}

function managing(state: ExportedState): Managing[] {
  const wanted = [
    tokens.generatedSecret,
    tokens.generatedCertificateAuthority,
    tokens.onePasswordItem,
    tokens.machineSecrets,
  ];
  return wanted.flatMap((token) => {
    const types = [token, ...Object.keys(formerTokens).filter((former) => formerTokens[former] === token)];
    return types
      .flatMap((type) => resourcesOf(state, type))
      .map((resource) => ({ token, resource, outputs: decryptedDeep(resource.outputs ?? {}) as Managing['outputs'] }));
  });
}

function isSecretsFile(text: string, secrets: MachineSecrets | undefined): boolean {
  const parsed = parseSecretsFile(text);
  // A state leaves out what is undefined.
  return !('problem' in parsed) && isDeepStrictEqual(JSON.parse(JSON.stringify(parsed)), secrets);
}

/** What is wrong with a field of an item, compared with the state; `found` are the items of its title. */
export function evaluateStored(stored: StoredField, found: readonly Item[], vault: string): Drift | undefined {
  const { title, field, resource, todo, fix } = stored;
  const base = { layer: 'secrets' as const, owner: 'Pulumi', object: `item ${title}`, explains: [resource] };
  const [item, ...duplicates] = found;
  if (duplicates.length > 0) {
    const ids = found.map(({ id, createdAt }) => `${id} of ${createdAt}`).join(', ');
    const why = `exists ${found.length} times (${ids})`;
    return { ...base, id: 'vault-item', why, todo: `delete all but one in the vault ${vault}` };
  }
  if (item === undefined) {
    return { ...base, id: 'vault-item', why: `is missing in the vault ${vault}`, todo: todo.missing };
  }
  const value = fieldValue(item, field);
  if (value === undefined) {
    return { ...base, id: 'vault-field', field, wanted: 'the value in the state', todo: todo.missing };
  }
  if (stored.matches(value)) return undefined;
  return {
    ...base,
    id: 'vault-field',
    field,
    wanted: 'the value in the state',
    found: 'another value',
    todo: todo.changed,
    ...(fix && { fix }),
  };
}
