import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';

/** Checks the bond: the options of its mode, and that its selectors match only physical links. */
export function bondProblems({ config: { network }, at }: CheckedCluster): Problem[] {
  if (network === undefined) return [];
  const { mode, lacpRate, deviceSelectors } = network.bond;
  const problems: Problem[] = [];
  // Talos' own rule: checkBond in its v1alpha1_validation.go.
  if (lacpRate !== undefined && mode !== '802.3ad') {
    problems.push({
      where: at('network', 'bond', 'lacpRate'),
      found: show(lacpRate),
      expected: `nothing, because Talos refuses a LACP rate in mode ${mode}`,
      fix: 'remove it, or use mode 802.3ad',
    });
  }
  deviceSelectors.forEach((selector, index) => {
    if (selector.hardwareAddr === undefined || Object.keys(selector).length > 1) return;
    problems.push({
      where: at('network', 'bond', 'deviceSelectors', index),
      found: 'only hardwareAddr',
      // siderolabs/talos#7331
      expected: 'a condition that only physical links meet: the bond and the VLAN on it take the same address',
      fix: 'use permanentAddr instead, or add driver, busPath or physical: true',
    });
  });
  return problems;
}
