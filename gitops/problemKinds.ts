import type { Check } from './checks/check';

/** What is said about a kind of problem that the renderer or a schema reports. */
export interface ProblemKind extends Pick<Check, 'severity' | 'why'> {
  /** As for checks; `general` when left out. */
  set?: Check['set'];
  todo: string;
}

/** Every id that a TreeProblem may have, and `setting-type`, which one becomes where a setting is to blame. */
export const problemKinds: Readonly<Record<string, ProblemKind>> = {
  'render-failed': {
    severity: 'error',
    why: 'Flux builds this folder the same way and would apply nothing of it.',
    todo: 'correct the kustomization file or what it names',
  },
  'not-yaml': {
    severity: 'error',
    why: 'Flux cannot read the file and would apply nothing of the Kustomization.',
    todo: 'correct the YAML',
  },
  'path-missing': {
    severity: 'error',
    why: 'Flux applies nothing for a path that its source does not hold.',
    todo: 'create the folder, or correct spec.path',
  },
  'kustomization-twice': {
    severity: 'error',
    why: 'Two declarations of one Kustomization overwrite each other at every reconciliation.',
    todo: 'keep one, or rename the other',
  },
  'remote-base': {
    severity: 'error',
    why: 'What a remote address holds can change without a commit here, and an outage of its host stops the cluster.',
    todo: 'declare a GitRepository or OCIRepository pinned to a tag, or keep the files here',
  },
  'variable-unset': {
    severity: 'error',
    why: 'Flux substitutes strictly and applies nothing of a Kustomization with an unset variable.',
    todo: 'define it in the cluster settings, correct its name, give it a default (${NAME:=value}), or write $${NAME} for text that must stay',
  },
  'variable-empty': {
    severity: 'warning',
    why: 'Flux puts an empty text in its place, which is seldom meant.',
    todo: 'define it, correct its name, give it a default (${NAME:=value}), or write $${NAME} for text that must stay',
  },
  'substitution-failed': {
    severity: 'error',
    why: 'Flux applies nothing of a Kustomization whose substitution fails.',
    todo: 'correct the expression, or write $${…} for text that must stay',
  },
  'substitute-from-missing': {
    severity: 'error',
    why: 'Flux applies nothing of a Kustomization when its variables cannot be read.',
    todo: 'declare it in that namespace, set optional: true, or name a file with it by --settings if it comes from elsewhere',
  },
  'entry-variable': {
    severity: 'error',
    // A text that looks like a variable may be meant: shell in a ConfigMap, for example. Here it never is.
    set: 'platform',
    why: 'Nothing is substituted here: the cluster gets the text as it stands.',
    todo: 'write the value out, or move the object into a Kustomization with postBuild',
  },
  'schema-unknown-field': {
    severity: 'error',
    why: 'The API server refuses the field or drops it without a word.',
    todo: 'correct its name or its place, or remove it',
  },
  'schema-invalid': {
    severity: 'error',
    why: 'The API server refuses the object, and Flux applies nothing of its Kustomization.',
    todo: 'correct the value',
  },
  'setting-type': {
    severity: 'error',
    why: 'After substitution the value is not what the API takes there: quotes in the file do not survive it.',
    todo: 'correct the setting, or where it lands; a text that looks like a number or a boolean arrives as one',
  },
  'schema-rule': {
    severity: 'error',
    why: "One of the kind's own rules forbids it: the API server refuses the object.",
    todo: 'correct the object',
  },
  'api-deprecated': {
    severity: 'warning',
    why: 'A later version of Kubernetes or of the chart stops to serve it.',
    todo: 'write the object in the version that replaces it',
  },
  'api-removed': {
    severity: 'error',
    why: 'The cluster does not serve this version: Flux cannot apply the object.',
    todo: 'write the object in a version that is served',
  },
  'api-unknown': {
    severity: 'error',
    // Others may run a later Kubernetes than ours, which has it.
    set: 'platform',
    why: 'Our Kubernetes does not have this API: Flux cannot apply the object.',
    todo: 'write the object in a version that is served, or raise Kubernetes first',
  },
};
