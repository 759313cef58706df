import type { Check } from './checks/check';

/** Severity and texts for a kind of problem that the renderer or a schema reports. */
export interface ProblemKind extends Pick<Check, 'severity' | 'why'> {
  /** As for checks; defaults to `general`. */
  set?: Check['set'];
  todo: string;
}

/** Every id a TreeProblem can have, plus `setting-type`, for schema violations that a setting causes. */
export const problemKinds: Readonly<Record<string, ProblemKind>> = {
  'render-failed': {
    severity: 'error',
    why: 'Flux builds this folder the same way, so it would apply nothing from it.',
    todo: 'fix the kustomization file, or the files it references',
  },
  'not-yaml': {
    severity: 'error',
    why: 'Flux cannot parse the file, so it would apply nothing from the Kustomization.',
    todo: 'fix the YAML',
  },
  'manifest-empty': {
    severity: 'error',
    why: 'Flux applies nothing from it, and prunes what it applied from it before.',
    todo: 'restore its content, or remove it and its entry in the kustomization file',
  },
  'path-missing': {
    severity: 'error',
    why: 'Flux applies nothing if the path does not exist in its source.',
    todo: 'create the folder, or fix spec.path',
  },
  'artifact-not-built': {
    severity: 'error',
    why: 'Without the artifact, the Kustomization has nothing to apply.',
    todo: 'fix the copy operations of the ArtifactGenerator',
  },
  'kustomization-twice': {
    severity: 'error',
    why: 'Two declarations of the same Kustomization overwrite each other on every reconciliation.',
    todo: 'keep one, or rename the other',
  },
  'remote-base': {
    severity: 'error',
    why: 'A remote base can change without a commit here, and an outage of its host blocks reconciliation.',
    todo: 'use a GitRepository or OCIRepository pinned to a tag, or copy the files into this repository',
  },
  'variable-unset': {
    severity: 'error',
    why: 'With strict substitution Flux applies nothing from a Kustomization with an unset variable; without it, the variable is empty.',
    todo: 'define it in the cluster settings, fix its name, give it a default (${NAME:=value}), or write $${NAME} for literal text',
  },
  'variable-empty': {
    severity: 'warning',
    why: 'Flux replaces it with an empty string, which is rarely intended.',
    todo: 'define it, fix its name, give it a default (${NAME:=value}), or write $${NAME} for literal text',
  },
  'substitution-failed': {
    severity: 'error',
    why: 'Flux applies nothing from a Kustomization whose substitution fails.',
    todo: 'fix the expression, or write $${…} for literal text',
  },
  'substitute-from-missing': {
    severity: 'error',
    why: 'Flux applies nothing from a Kustomization whose variables cannot be read.',
    todo: 'create it in that namespace, set optional: true, or pass a file that contains it with --settings if it is created elsewhere',
  },
  'entry-variable': {
    severity: 'error',
    // In other repositories such text may be intended, shell in a ConfigMap for example. Here it never is.
    set: 'platform',
    why: 'The entry point is not substituted: the cluster gets the literal text.',
    todo: 'write the value instead, or move the object into a Kustomization with postBuild',
  },
  'schema-unknown-field': {
    severity: 'error',
    why: 'The API server rejects the field or silently drops it.',
    todo: 'fix its name or position, or remove it',
  },
  'schema-invalid': {
    severity: 'error',
    why: 'The API server rejects the object, so Flux applies nothing from its Kustomization.',
    todo: 'fix the value',
  },
  'setting-type': {
    severity: 'error',
    why: 'After substitution the value has the wrong type for the API: quotes in the file do not survive substitution.',
    todo: 'fix the setting, or where it is used; a string that looks like a number or a boolean becomes one',
  },
  'schema-rule': {
    severity: 'error',
    why: "It violates one of the kind's validation rules: the API server rejects the object.",
    todo: 'fix the object',
  },
  'expression-invalid': {
    severity: 'error',
    why: 'Flux refuses to reconcile the object, and marks it as stalled until a commit changes the expression.',
    todo: 'fix the expression: https://fluxcd.io/flux/cheatsheets/cel-healthchecks/ has examples',
  },
  'policy-expression-invalid': {
    severity: 'error',
    // A later Kubernetes may have functions that ours does not.
    set: 'platform',
    why: 'The API server compiles the expressions of a policy and rejects it.',
    todo: 'fix the expression',
  },
  'api-deprecated': {
    severity: 'warning',
    why: 'A later version of Kubernetes or of the chart will no longer serve it.',
    todo: 'migrate the object to the version that replaces it',
  },
  'api-removed': {
    severity: 'error',
    why: 'The cluster does not serve this API version: Flux cannot apply the object.',
    todo: 'migrate the object to a version that is served',
  },
  'api-unknown': {
    severity: 'error',
    // Other repositories may target a later Kubernetes, which has it.
    set: 'platform',
    why: 'Our Kubernetes version does not have this API: Flux cannot apply the object.',
    todo: 'use an API version that is served, or upgrade Kubernetes first',
  },
};
