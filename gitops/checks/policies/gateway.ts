import { type Json, isMap } from '../../kubernetesObject';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { bare, policiesOf, rulesOf } from './policies';

const gatewayLabel = /^(io\.cilium[./]gateway|gateway\.networking\.k8s\.io\/)/;

/** Labels that a part of a rule selects by, each where it stands. */
function* labels(value: Json | undefined, path: Path): Generator<{ key: string; path: Path }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* labels(item, [...path, index]);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'matchLabels' && isMap(item)) {
        for (const name of Object.keys(item)) yield { key: bare(name), path: [...path, key, name] };
      } else if (key === 'matchExpressions' && Array.isArray(item)) {
        for (const [index, expression] of item.entries()) {
          const name = isMap(expression) ? expression['key'] : undefined;
          if (typeof name === 'string') yield { key: bare(name), path: [...path, key, index, 'key'] };
        }
      } else yield* labels(item, [...path, key]);
    }
  }
}

/** A rule that looks for pods of a gateway: Cilium's has none. */
export const gatewayByLabel: Check = {
  id: 'gateway-by-label',
  severity: 'error',
  set: 'platform',
  why: "Cilium's gateway is no pod: its traffic has the identity `ingress`, and no label selects it.",
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const policy of policiesOf(cluster)) {
        for (const { rule, path } of rulesOf(policy, 'ingress')) {
          for (const found of labels(rule, path)) {
            if (!gatewayLabel.test(found.key)) continue;
            const what = `expects the gateway to have the label ${found.key}`;
            yield about(
              tree,
              cluster,
              policy.from,
              found.path,
              what,
              'use fromEntities: [ingress] in a CiliumNetworkPolicy',
            );
          }
        }
      }
    }
  },
};
