import { writtenAt } from '../../locate';
import { isAmbiguousScalar } from '../../yamlFile';
import { type Json, isMap } from '../../kubernetesObject';
import type { Tree, TreeCluster } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { settingsOf, settingsSources } from './settingsMaps';
import { substitutedBy } from './substitution';

/**
 * What a text becomes when Flux puts it, without quotes, where a whole value stands; nothing when it arrives as it is
 * written. Flux writes YAML anew before it substitutes, so quotes around a variable do not help.
 */
export function becomes(text: string): string | undefined {
  if (/^(~|null|Null|NULL|)$/.test(text)) return 'nothing (null)';
  if (/^(y|n|yes|no|on|off|true|false)$/i.test(text) && text !== 'true' && text !== 'false') return 'a boolean';
  if (isAmbiguousScalar(text)) return 'something else for some readers of YAML';
  if (/^0x[0-9a-f]+$|^0o[0-7]+$/i.test(text)) return `the number ${Number(text)}`;
  const decimal = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text);
  if (decimal && String(Number(text)) !== text) return `the number ${Number(text)}`;
  return undefined;
}

/** Variables that stand alone somewhere, so that their value's type is the type of what they land in. */
function alone(tree: Tree, cluster: TreeCluster): Map<string, string> {
  const found = new Map<string, string>();
  for (const object of cluster.objects) {
    if (object.variables.length === 0 || substitutedBy(cluster, object) === undefined) continue;
    const walk = (value: Json | undefined): void => {
      const match = typeof value === 'string' ? /^\$\{(\w+)(:?[-=][^}]*)?\}$/.exec(value) : null;
      if (match?.[1] !== undefined && !found.has(match[1])) found.set(match[1], object.file);
      if (Array.isArray(value)) value.forEach(walk);
      else if (isMap(value)) Object.values(value).forEach(walk);
    };
    walk(writtenAt(tree, object, []) as Json | undefined);
  }
  return found;
}

/** A setting that arrives as something else than what is written. */
export const settingAmbiguous: Check = {
  id: 'setting-ambiguous',
  severity: 'error',
  set: 'platform',
  why: 'Flux drops the quotes: a text that looks like a number, a boolean or nothing arrives as one.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const whole = alone(tree, cluster);
      for (const map of settingsSources(cluster)) {
        for (const [key, value] of Object.entries(settingsOf(map))) {
          const result = becomes(value);
          const file = whole.get(key);
          if (result === undefined || file === undefined) continue;
          const what = `${key} is ${JSON.stringify(value)}, which becomes ${result} where it stands alone (${file})`;
          const todo = 'write true, false or a plain decimal number, or a text that cannot be taken for one';
          yield about(tree, cluster, map, ['data', key], what, todo);
        }
      }
    }
  },
};
