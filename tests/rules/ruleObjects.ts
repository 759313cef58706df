import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listClusters, listFileOf } from '../../gitops/clusterSettings';
import { listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { renderCluster } from '../../gitops/render/renderCluster';

export const root = join(__dirname, '..', '..');

/** A rule as vmalert reads it. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A group of rules, which are evaluated one after the other. */
export interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** The groups of a VMRule, and where it is. */
export interface Topic {
  readonly name: string;
  readonly file: string;
  readonly groups: readonly Group[];
}

const system = 'alert-rules';

/** The clusters that list the rules. */
export const evaluating = listClusters(root).filter((cluster) =>
  readFileSync(join(root, listFileOf(cluster)), 'utf8').includes(`/systems/${system}\n`),
);

/** The rules of the cluster that evaluates them, as Flux applies them. */
export function readTopics(): Topic[] {
  const [cluster] = evaluating;
  if (cluster === undefined) return [];
  return renderCluster(root, cluster, [system])
    .objects.filter(({ object }) => object.kind === 'VMRule')
    .map(({ object, file }) => ({
      name: textOf(valueAt(object, 'metadata', 'name')),
      file,
      groups: listOf(valueAt(object, 'spec', 'groups')) as unknown as Group[],
    }));
}

/** The rules of a topic that raise alerts. */
export function alertsOf({ groups }: Topic): (Rule & { readonly alert: string; readonly group: string })[] {
  return groups.flatMap(({ name, rules }) =>
    rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert, group: name }])),
  );
}
