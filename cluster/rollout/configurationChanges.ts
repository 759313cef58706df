import { isDeepStrictEqual } from 'node:util';
import { isMap, type Json } from '../../gitops/kubernetesObject';
import { keyPath } from '../keyPath';
import { show } from '../problems';
import { changeEffect, type ChangeEffect } from './changeEffect';
import { configurationDocuments, mainDocument } from './configurationDocuments';
import { hasSecretText, isSecretPath, secretMark, secretTexts } from '../talos/secretPaths';

/** A field of which the value differs between two configurations. */
export interface ConfigurationChange {
  /** `v1alpha1`, or kind and name. */
  document: string;
  /** Keys and indexes; empty for a whole document. */
  path: readonly string[];
  /** Absent if it is added. */
  before?: Json;
  /** Absent if it is removed. */
  after?: Json;
  effect: ChangeEffect;
}

/** The fields that differ, in the order of the documents and keys, each with its effect. */
export function configurationChanges(before: string, after: string): ConfigurationChange[] {
  const [old, wanted] = [configurationDocuments(before), configurationDocuments(after)];
  const documents = [...new Set([...old.keys(), ...wanted.keys()])];
  return documents.flatMap((document) =>
    differences(old.get(document), wanted.get(document), []).map((change) => ({
      document,
      ...change,
      effect: changeEffect(document, change.path),
    })),
  );
}

/** One line per change: the field, its values unless they are secret, and its effect. */
export function describeChanges(
  before: string,
  after: string,
  changes = configurationChanges(before, after),
): string[] {
  const mask = maskOf([before, after]);
  const masked = (value: Json | undefined) => mask(value) ?? secretValue;
  return changes.map(({ document, path, before: old, after: wanted, effect }) => {
    return `${fieldOf({ document, path })}: ${valueText(document, path, old, wanted, masked)} (${effectText[effect]})`;
  });
}

/** `machine.sysctls["vm.nr_hugepages"]`; of another document `EthernetConfig enp1s0 rings.rx`; of a whole one its identity. */
export function fieldOf({ document, path }: Pick<ConfigurationChange, 'document' | 'path'>): string {
  const key = keyPath(path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)));
  return [document === mainDocument ? '' : document, key].filter((part) => part !== '').join(' ') || mainDocument;
}

/** What a line of {@link describeChanges} says; undefined for another line. */
export function readChange(line: string): { field: string; before?: string; after?: string } | undefined {
  const [, field = '', text = ''] =
    /^(.+?): (.+) \((?:live|reboots the machine|accepted, no effect yet)\)$/.exec(line) ?? [];
  const value = (shown: string): string =>
    shown === '' ? 'a document' : shown === `, ${secretValue}` ? secretMark : shown.trim();
  const [, verb, rest = ''] = /^(added|removed|changed)(?=$|[ ,])(.*)$/.exec(text) ?? [];
  if (verb === 'added') return { field, after: value(rest) };
  if (verb === 'removed') return { field, before: value(rest) };
  if (verb === 'changed') return { field, before: value(rest), after: value(rest) };
  const [before, after] = text.split(' → ').map((shown) => (shown === secretValue ? secretMark : shown));
  return before === undefined || after === undefined ? undefined : { field, before, after };
}

/** Formats values; undefined for one with a text that is secret anywhere in the configurations. */
function maskOf(configurations: readonly string[]): (value: Json | undefined) => string | undefined {
  const secrets = configurations.flatMap((text) =>
    [...configurationDocuments(text)].flatMap(([name, content]) => secretTexts(name, content)),
  );
  return (value) => (hasSecretText(value, secrets) ? undefined : show(value));
}

/** The values of a change for a person. */
export interface ShownChange extends Pick<ConfigurationChange, 'document' | 'path'> {
  /** Absent if the value is; `[secret]` for a secret. */
  before?: string;
  after?: string;
}

/** The fields that differ, with their values as text; those of secrets, and of all that has one, as `[secret]`. */
export function shownChanges(before: string, after: string): ShownChange[] {
  const mask = maskOf([before, after]);
  return configurationChanges(before, after).map(({ document, path, before: old, after: wanted }) => {
    const hidden = hasSecret(document, path, old, wanted);
    const shown = (value: Json | undefined) =>
      path.length === 0 ? 'a document' : hidden ? secretMark : (mask(value) ?? secretMark);
    return {
      ...{ document, path },
      ...(old !== undefined && { before: shown(old) }),
      ...(wanted !== undefined && { after: shown(wanted) }),
    };
  });
}

function hasSecret(document: string, path: readonly string[], ...values: (Json | undefined)[]): boolean {
  return isSecretPath(document, path) || values.some((value) => secretTexts(document, value, path).length > 0);
}

const secretValue = 'a secret';

const effectText: Record<ChangeEffect, string> = {
  live: 'live',
  reboot: 'reboots the machine',
  later: 'accepted, no effect yet',
};

function valueText(
  document: string,
  path: readonly string[],
  before: Json | undefined,
  after: Json | undefined,
  masked: (value: Json | undefined) => string,
): string {
  const verb = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  // A whole document or subtree may have secrets anywhere below.
  const hidden = path.length === 0 || hasSecret(document, path, before, after);
  if (hidden) return path.length === 0 ? verb : `${verb}, ${secretValue}`;
  if (before === undefined) return `added ${masked(after)}`;
  if (after === undefined) return `removed ${masked(before)}`;
  return `${masked(before)} → ${masked(after)}`;
}

type Difference = Pick<ConfigurationChange, 'path' | 'before' | 'after'>;

function differences(before: Json | undefined, after: Json | undefined, path: readonly string[]): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  // Lists of the same length are compared item by item: usually one field of one item changes.
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && before.every(isMap)) {
    return before.flatMap((item, index) => differences(item, after[index], [...path, String(index)]));
  }
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}
