import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseDocument } from 'yaml';

export const root = join(__dirname, '..', '..');

/** A step of a job, or of our composite action. */
export interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  shell?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

/** A job of a workflow. */
export interface Job {
  if?: string;
  needs?: string | string[];
  'runs-on': string;
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  environment?: string;
  concurrency?: { group: string; 'cancel-in-progress': boolean };
  env?: Record<string, string>;
  steps: Step[];
}

/** A workflow file. */
export interface Workflow {
  /** File name without its extension. */
  file: string;
  text: string;
  on: Record<string, { paths?: string[] } | null>;
  permissions?: Record<string, string>;
  concurrency?: { group: string; 'cancel-in-progress': boolean };
  jobs: Record<string, Job>;
}

const folder = join(root, '.github', 'workflows');

/** Every workflow of this repository. */
export const workflows: Workflow[] = readdirSync(folder)
  .sort()
  .map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return { ...(parseDocument(text).toJS() as Workflow), file: basename(name, '.yaml'), text };
  });

const actionText = readFileSync(join(root, '.github', 'actions', 'setup', 'action.yaml'), 'utf8');

/** Our composite action. */
export const setup = {
  text: actionText,
  ...(parseDocument(actionText).toJS() as { inputs: Record<string, unknown>; runs: { steps: Step[] } }),
};

/** A step with where it is: `<workflow>/<job>`, or `setup`. */
export interface PlacedStep extends Step {
  where: string;
  job?: Job;
}

/** Every step, in the order of files and jobs. */
export const steps: PlacedStep[] = [
  ...workflows.flatMap(({ file, jobs }) =>
    Object.entries(jobs).flatMap(([name, job]) =>
      job.steps.map((step) => ({ ...step, where: `${file}/${name}`, job })),
    ),
  ),
  ...setup.runs.steps.map((step) => ({ ...step, where: 'setup' })),
];

/** A name for a step that runs a script: where it is, and its name or its first line. */
export function labelOf({ where, name, run = '' }: PlacedStep): string {
  return `${where}: ${name ?? run.split('\n')[0]}`;
}
