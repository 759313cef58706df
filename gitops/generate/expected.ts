import { jobsOfSystem } from './expectedJobs';
import type { ListedCluster } from './fleet';

/** The system with the rules that ask for what is absent. */
const rulesSystem = 'alert-rules';

/** The system of a cluster that sends metrics; of the others, nothing is expected. */
const senderSystem = 'metrics';

/** The series that says that a cluster should have a job. */
export const expectedSeries = 'cluster_job:expected';

const schema =
  'https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/operator.victoriametrics.com/vmrule_v1beta1.json';

/** The jobs that a cluster should have, sorted. */
export function expectedJobs({ systems }: ListedCluster): string[] {
  if (!systems.has(senderSystem)) return [];
  return [...systems].flatMap((system) => jobsOfSystem[system] ?? []).sort();
}

/**
 * The expected set, from which alerts about absence subtract the targets that exist: `absent()` cannot say which cluster lacks a series
 * that another one has. Empty if no rule asks for it.
 * @param storing the cluster that stores
 */
export function expectedText(fleet: readonly ListedCluster[], storing: ListedCluster): string {
  const rules = [...fleet]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((cluster) =>
      expectedJobs(cluster).flatMap((job) => [
        `        - record: ${expectedSeries}`,
        '          expr: vector(1)',
        '          labels:',
        `            cluster: ${cluster.name}`,
        `            job: ${job}`,
      ]),
    );
  if (rules.length === 0 || !storing.systems.has(rulesSystem)) return '';
  const head = [
    '---',
    `# yaml-language-server: $schema=${schema}`,
    'apiVersion: operator.victoriametrics.com/v1beta1',
    'kind: VMRule',
    'metadata:',
    '  name: expected',
    'spec:',
    '  groups:',
    '    - name: expected',
    '      rules:',
  ];
  return `${[...head, ...rules].join('\n')}\n`;
}
