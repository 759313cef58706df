import { posix } from 'node:path';
import { listFileOf } from '../gitops/clusterSettings';
import type { CheckedCluster } from './checkedCluster';
import { placeText } from './keyPath';
import { cloudflareItems } from './onePasswordFields';
import type { Problem } from './problems';
import { optionalKeys } from './settings';
import { describeUse, http01Issuer, readerOf, switchedSystems, wildcardGateways } from './systemNames';

/** Checks the stack and the settings against the systems that the cluster lists. */
export function systemProblems(cluster: CheckedCluster): Problem[] {
  return [
    ...switchProblems(cluster),
    ...wildcardProblems(cluster),
    ...cloudflareProblems(cluster),
    ...domainProblems(cluster),
  ];
}

/** A part of Cilium and the system with its objects: one without the other does nothing, or stops traffic. */
function switchProblems({ stack, settings, settingsSource: { file, values }, systems }: CheckedCluster): Problem[] {
  if (systems === undefined) return [];
  return switchedSystems.flatMap(({ system, key, name }): Problem[] => {
    const setting = settings[name];
    const listed = systems.kustomizations.find((kustomization) => kustomization.name === system);
    // An invalid value is reported as such.
    if (setting === undefined && values[key] !== undefined) return [];
    const where = setting?.place ?? placeText(file, undefined, key);
    if (listed !== undefined && setting?.value !== true) {
      const found = setting === undefined ? 'nothing' : '"false"';
      const expected = `"true", because the cluster lists ${system} (${listed.place})`;
      return [
        {
          where,
          found,
          expected,
          fix: `${setting === undefined ? 'add' : 'correct'} it, or remove ../../systems/${system} from ${listFileOf(stack)}`,
        },
      ];
    }
    if (listed !== undefined || setting?.value !== true) return [];
    const expected = `"false", because the cluster does not list ${system}`;
    return [
      { where, found: '"true"', expected, fix: `correct it, or add ../../systems/${system} to ${listFileOf(stack)}` },
    ];
  });
}

/** Gateways whose certificate has a wildcard, which HTTP-01 cannot prove: it would never be issued. */
function wildcardProblems({ stack, systems }: CheckedCluster): Problem[] {
  const listed = (systems?.kustomizations ?? []).map(({ path }) => posix.basename(path));
  if (!listed.includes(http01Issuer)) return [];
  const where = placeText(listFileOf(stack), undefined, 'resources');
  return wildcardGateways
    .filter(({ system }) => listed.includes(system))
    .map(({ system, instead }) => ({
      where,
      found: `${system} with ${http01Issuer}`,
      expected: 'no certificate for a wildcard, which HTTP-01 cannot prove',
      fix: `list ${instead}`,
    }));
}

/** The section is there exactly if something reads what it makes. */
function cloudflareProblems({ stack, keys, at, systems }: CheckedCluster): Problem[] {
  if (systems === undefined) return [];
  const made = cloudflareItems(stack);
  const where = at('cloudflare');
  if (!keys.has('cloudflare')) {
    return made.flatMap((item): Problem[] => {
      const reader = readerOf(systems, item);
      if (reader === undefined) return [];
      const expected = `a section, because it makes field ${item.field} of ${item.title}, used by ${describeUse(reader)}`;
      return [
        {
          where,
          found: 'nothing',
          expected,
          fix: `add it, or remove ${reader.kustomization} from ${listFileOf(stack)}`,
        },
      ];
    });
  }
  if (systems.unknown.length > 0 || made.some((item) => readerOf(systems, item) !== undefined)) return [];
  const titles = made.map(({ title }) => title).join(', ');
  const expected = `nothing, because no system that the cluster lists reads what it makes (${titles})`;
  return [{ where, found: 'a section', expected, fix: `remove it, or list what needs it in ${listFileOf(stack)}` }];
}

/** The zone of the Cloudflare account is the public domain. Manifests that use it require it, too. */
function domainProblems({ keys, at, settingsSource: { file, values }, systems }: CheckedCluster): Problem[] {
  const key = optionalKeys.domain;
  if (!keys.has('cloudflare') || values[key] !== undefined || systems?.variables.has(key)) return [];
  return [
    {
      where: placeText(file, undefined, key),
      found: 'nothing',
      expected: `the zone of ${at('cloudflare')}`,
      fix: 'add it',
      setting: key,
    },
  ];
}
