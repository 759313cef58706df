/** A path step: a map key, a list index, or the list item whose `key` field has that `value`. */
export type Step = string | number | { key: string; value: string | number | boolean };

const plainKey = /^[A-Za-z0-9_$-]+$/;

/** Formats a path for display: `spec.ports[name=http].port`, `metadata.labels["app.kubernetes.io/name"]`. */
export function pathText(steps: readonly Step[]): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (typeof step === 'object') return `${text}[${step.key}=${step.value}]`;
    if (!plainKey.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
