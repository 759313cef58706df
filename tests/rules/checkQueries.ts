import { exporters } from './exporters';
import { type Answer, type Query, readQueries } from './queryReader';

/** A query of a rule or a dashboard. */
export interface PlacedQuery extends Query {
  /** Where it is, for messages. */
  readonly where: string;
  /** Whether what it yields has its cluster from elsewhere: the labels of a rule. */
  readonly namesCluster?: boolean;
}

/** What is wrong with queries, and what cannot be known about them. */
export interface CheckedQueries {
  readonly problems: readonly string[];
  /** Selectors without a name of a metric: nothing can say whether an exporter has it. */
  readonly unknown: readonly string[];
}

/**
 * Whether each query parses, keeps `cluster`, and asks only for metrics that a scrape job of the tree exports.
 * @param jobs the scrape jobs of the tree
 * @param recorded the metrics that rules record
 */
export async function checkQueries(
  queries: readonly PlacedQuery[],
  jobs: ReadonlySet<string>,
  recorded: ReadonlySet<string>,
): Promise<CheckedQueries> {
  const answers = await readQueries(queries.map(({ language, text }) => ({ language, text: withoutVariables(text) })));
  const problems: string[] = [];
  const unknown: string[] = [];
  queries.forEach(({ where, language, namesCluster }, index) => {
    const answer = answers[index] as Answer;
    if (answer.error !== undefined) problems.push(`${where}: does not parse as ${language}: ${answer.error}`);
    if (namesCluster !== true && !isOfOneCluster(answer)) {
      problems.push(...answer.losses.map((loss) => `${where}: loses cluster in ${loss}`));
    }
    for (const selector of answer.selectors) {
      if (selector.name === '') unknown.push(where);
      else if (!recorded.has(selector.name) && !isExported(selector, jobs)) {
        problems.push(`${where}: no scrape job exports ${describe(selector)}`);
      }
    }
  });
  return { problems, unknown };
}

type Selector = Answer['selectors'][number];

/** A dashboard may show one cluster that its reader chooses: then no selector finds another one's series. */
function isOfOneCluster({ selectors }: Answer): boolean {
  return (
    selectors.length > 0 &&
    selectors.every(({ filters }) => filters.some(({ label, operator }) => label === 'cluster' && operator === '='))
  );
}

/** Whether a job of the tree exports a metric; one that the selector asks for, if it names one. */
function isExported({ name, filters }: Selector, jobs: ReadonlySet<string>): boolean {
  const asked = filters.find(({ label, operator, value }) => label === 'job' && operator === '=' && !/[$]/.test(value));
  return Object.values(exporters).some((exporter) => {
    if (!exporter.names.includes(name)) return false;
    if (exporter.jobs === undefined) return asked === undefined || jobs.has(asked.value);
    return exporter.jobs.some((job) => jobs.has(job) && (asked === undefined || asked.value === job));
  });
}

function describe({ name, filters }: Selector): string {
  const job = filters.find(({ label }) => label === 'job');
  return job === undefined ? name : `${name}{job${job.operator}"${job.value}"}`;
}

/** A query as Grafana sends it: durations for its own variables; the others stay in strings, where any text is valid. */
export function withoutVariables(text: string): string {
  return text
    .replace(/\$\{?__(?:rate_interval|interval|range)(?::\w+)?\}?/g, '5m')
    .replace(/\$\{(\w+)(?::\w+)?\}/g, '$$$1')
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/\$\w+/g, '1')))
    .join('');
}
