import type { Check } from '../../../gitops/checks/check';

/** What is said about a kind of finding in charts. */
export interface ChartFindingKind extends Pick<Check, 'severity' | 'why'> {
  todo: string;
}

/** Every id that looking into charts may report, besides those of workloads. */
export const chartFindingKinds: Readonly<Record<string, ChartFindingKind>> = {
  'chart-unknown-value': {
    severity: 'error',
    why: 'No template of the chart reads the value: it changes nothing, whatever it was meant to do.',
    todo: 'correct its name or its place, or remove it',
  },
  'chart-values-invalid': {
    severity: 'error',
    why: "The chart's own schema refuses the values: Helm, and so Flux, installs nothing.",
    todo: 'correct the value',
  },
  'chart-not-rendered': {
    severity: 'error',
    why: 'Helm renders nothing from the chart with these values, and so does Flux.',
    todo: 'correct the values',
  },
  'chart-schema-unknown-field': {
    severity: 'error',
    why: 'With these values the chart renders a field that the API server refuses or drops without a word.',
    todo: 'correct the value that lands there; where the chart itself is wrong, take another version or add a row to EXCEPTIONS.md',
  },
  'chart-schema-invalid': {
    severity: 'error',
    why: 'With these values the chart renders an object that the API server refuses.',
    todo: 'correct the value that lands there; where the chart itself is wrong, take another version or add a row to EXCEPTIONS.md',
  },
  'chart-schema-rule': {
    severity: 'error',
    why: 'With these values the chart renders an object that a rule of its own kind forbids.',
    todo: 'correct the values',
  },
  'chart-api-deprecated': {
    severity: 'warning',
    why: 'A later version of Kubernetes stops to serve what the chart renders.',
    todo: 'take a version of the chart that renders the newer API, or set the value that chooses it',
  },
  'chart-api-removed': {
    severity: 'error',
    why: 'The cluster does not serve this API: Helm, and so Flux, installs nothing.',
    todo: 'take a version of the chart that renders the newer API, or set the value that chooses it',
  },
};
