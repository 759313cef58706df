import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BootstrapInputs } from '../cluster/bootstrapInputs';
import { bootstrapKustomizations } from '../cluster/bootstrapOrder';
import type { OtherCluster } from '../cluster/crossClusterChecks';
import { defineCluster } from '../cluster/defineCluster';
import type { ClusterDefinition } from '../cluster/definition';
import { stackFileName } from '../cluster/names';
import { DefinitionError, type Problem } from '../cluster/problems';
import { asOther, readClusters } from '../cluster/readClusters';
import { type StackConfigSource, withSecretsSet } from '../cluster/stackConfig';
import { projectName } from '../cluster/stackFile';
import { listClusters, readClusterSettings } from '../gitops/clusterSettings';
import { type ListedSystems, readListedSystems } from '../gitops/listedSystems';
import { ManifestError } from '../gitops/manifestError';
import { renderCluster } from '../gitops/render/renderCluster';
import { bootstrapInputs } from './bootstrapInputs';
import { pullSecretProblems } from './pullSecret';

/** What describes a stack. */
export interface StackSources {
  stack: string;
  /** The repository root, which has `kubernetes/`. */
  root: string;
  /** The Pulumi project's name. */
  project: string;
  /** Absent if the stack file cannot be read. */
  config?: StackConfigSource;
  /** Reads the other clusters. May throw a ManifestError. */
  others: () => readonly OtherCluster[];
}

/** A stack, as far as it could be read, and everything that the program refuses about it. */
export interface EvaluatedStack {
  stack: string;
  definition?: ClusterDefinition;
  bootstrap?: BootstrapInputs;
  /** What the cluster lists; absent if its entry point cannot be built. */
  systems?: ListedSystems;
  /** Of the stack's configuration and the settings. */
  problems: readonly Problem[];
  /** Of files, each as `<file>[:<line>]: …`, without repetitions. */
  manifestProblems: readonly string[];
}

/**
 * Reads and checks a stack's configuration, its settings and the manifests of its bootstrap: what the program does before
 * anything else, and what `npm run validate` and the lab report of it.
 */
export function evaluateStack({ stack, root, project, config, others: readOthers }: StackSources): EvaluatedStack {
  const manifestProblems = new Set<string>();
  const problems: Problem[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (error instanceof DefinitionError) problems.push(...error.problems);
      else if (error instanceof ManifestError) for (const text of error.problems) manifestProblems.add(text);
      else throw error;
      return undefined;
    }
  };
  const settings = attempt(() => readClusterSettings(root, stack));
  const others = attempt(readOthers);
  const systems = attempt(() => readListedSystems(root, stack));
  const definition =
    settings &&
    others &&
    config &&
    attempt(() => defineCluster({ stack, project, config, settings, others, ...(systems && { systems }) }));
  const bootstrap = attempt(() => bootstrapInputs(renderCluster(root, stack, bootstrapKustomizations)));
  if (definition !== undefined && bootstrap !== undefined && config !== undefined) {
    problems.push(...pullSecretProblems(definition, bootstrap, config));
  }
  return {
    stack,
    ...(definition && { definition }),
    ...(bootstrap && { bootstrap }),
    ...(systems && { systems }),
    problems,
    manifestProblems: [...manifestProblems].filter((text) => !isExplained(text, problems)),
  };
}

/** Whether a problem says that a variable is unset whose setting is reported as missing. */
function isExplained(text: string, problems: readonly Problem[]): boolean {
  return problems.some(({ setting }) => setting !== undefined && text.includes(`: \${${setting}} is not set; `));
}

/** What the program prints of a stack that it refuses; undefined if it refuses nothing. */
export function refusalOf({ stack, problems, manifestProblems }: EvaluatedStack): string | undefined {
  const messages = problems.length === 0 ? [] : [new DefinitionError(stack, problems).message];
  return [...messages, ...manifestProblems].join('\n') || undefined;
}

/**
 * Evaluates every cluster of a repository that has a stack file, each against all others. Secrets count as set: a stack file
 * in Git has none. Throws a ManifestError if the project's file cannot be read.
 */
export function evaluateStacks(root: string): EvaluatedStack[] {
  const project = projectName(root);
  const clusters = readClusters(listClusters(root), { root, project: root, projectName: project });
  const asOthers = clusters.map(asOther);
  const withStack = clusters.filter(({ name }) => existsSync(join(root, stackFileName(name))));
  return withStack.map(({ name, config, unreadable }) => {
    const others = (): OtherCluster[] => asOthers.filter((other) => other.name !== name);
    const source = config && { config: withSecretsSet(config) };
    const evaluated = evaluateStack({ stack: name, root, project, others, ...source });
    return { ...evaluated, manifestProblems: [...new Set([...unreadable, ...evaluated.manifestProblems])] };
  });
}
