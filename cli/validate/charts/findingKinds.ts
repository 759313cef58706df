import type { Check } from '../../../gitops/checks/check';

/** The fixed part of a kind of finding in charts. */
export interface ChartFindingKind extends Pick<Check, 'severity' | 'why'> {
  todo: string;
}

/** Every finding id of the chart checks, except those of workloads. */
export const chartFindingKinds: Readonly<Record<string, ChartFindingKind>> = {
  'chart-unknown-value': {
    severity: 'error',
    why: 'No template of the chart reads the value, so it has no effect.',
    todo: 'correct its name or its path, or remove it',
  },
  'chart-values-invalid': {
    severity: 'error',
    why: "The chart's own schema rejects the values: Helm, and so Flux, installs nothing.",
    todo: 'correct the value',
  },
  'chart-not-rendered': {
    severity: 'error',
    why: 'Helm, and so Flux, cannot render the chart with these values.',
    todo: 'correct the values',
  },
  'chart-schema-unknown-field': {
    severity: 'error',
    why: 'With these values the chart renders a field that the API server rejects or silently drops.',
    todo: 'correct the value that sets it; if the chart itself is wrong, use another version or add a row to EXCEPTIONS.md',
  },
  'chart-schema-invalid': {
    severity: 'error',
    why: 'With these values the chart renders an object that the API server rejects.',
    todo: 'correct the value that sets it; if the chart itself is wrong, use another version or add a row to EXCEPTIONS.md',
  },
  'chart-schema-rule': {
    severity: 'error',
    why: 'With these values the chart renders an object that breaks a validation rule of its CRD.',
    todo: 'correct the values',
  },
  'chart-crd-not-kept': {
    severity: 'error',
    why: 'Deleting a CRD deletes every object of its kind: uninstalling the release would delete them, without asking.',
    todo: 'set the value that keeps CRDs, or add the annotation helm.sh/resource-policy: keep in spec.postRenderers',
  },
  'chart-api-deprecated': {
    severity: 'warning',
    why: 'A later version of Kubernetes stops serving an API that the chart renders.',
    todo: 'use a version of the chart that renders the newer API, or set the value that selects it',
  },
  'chart-api-removed': {
    severity: 'error',
    why: 'The cluster does not serve this API: Helm, and so Flux, installs nothing.',
    todo: 'use a version of the chart that renders the newer API, or set the value that selects it',
  },
};
