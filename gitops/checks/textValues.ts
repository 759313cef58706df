import { type Json, isMap, specOf } from '../kubernetesObject';
import { writtenText } from '../locate';
import type { ObjectPath } from '../sources';
import type { Check, LookedAt, RawFinding } from './check';
import { isHelmRelease } from './facts/charts';
import { substitutedBy } from './facts/settings';
import { eachObject, findingAt } from './finding';

/** A number or boolean under a key that is always text. */
interface Scalar {
  path: ObjectPath;
  value: number | boolean;
}

const isTag = (key: string): boolean => /^(tag|\w*[iI]mageTag)$/.test(key);
const isVersion = (key: string): boolean => /^(version|\w+Version)$/.test(key);

function* scalars(value: Json | undefined, path: ObjectPath): Generator<Scalar> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* scalars(item, [...path, index]);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) yield* scalars(item, [...path, key]);
  } else if (typeof value === 'number' || typeof value === 'boolean') {
    const key = String(path.at(-1));
    if (isTag(key) || (isVersion(key) && typeof value === 'number')) yield { path, value };
  }
}

/**
 * A number as a template prints it: helm-controller decodes values into float64 (HelmRelease.GetValues), which Go prints
 * in the shortest form, with an exponent from 1e+06 on.
 */
export function printedByTemplate(value: number | boolean): string {
  if (typeof value === 'boolean' || (Math.abs(value) < 1e6 && Math.abs(value) >= 1e-4) || value === 0)
    return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A tag or version that YAML reads as a number or boolean of another text. */
export const valueLosesText: Check = {
  id: 'value-loses-text',
  severity: 'error',
  set: 'general',
  why: 'YAML reads the unquoted text as a number or a boolean, and the chart gets that: an image of another tag, or none.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      yield { places: 1 };
      for (const { path, value } of scalars(specOf(release.object)['values'], ['spec', 'values'])) {
        const variables = substitutedBy(cluster, release)?.variables ?? {};
        const written = writtenText(tree, release, path);
        const text = written?.replace(/\$\{(\w+)\}/g, (use, name: string) => variables[name] ?? use);
        const printed = printedByTemplate(value);
        // What a patch sets is not in the file, and the text of other expressions is not known.
        if (text === undefined || text.includes('${') || text === printed) continue;
        // A template may treat a version as the integer that it is.
        if (!isTag(String(path.at(-1))) && /^[1-9]\d*$/.test(text)) continue;
        const what = `sets ${path.slice(2).join('.')}: ${text}, which arrives as ${printed}`;
        // Quotes around a variable do not survive substitution.
        const todo = text === written ? `quote it: "${text}"` : `quote it in the setting: '"${text}"'`;
        yield findingAt(tree, cluster, release, path, what, todo);
      }
    }
  },
};
