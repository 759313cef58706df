/** A step into a value: a map's key, a list's index, or the item of a list with that value of that field. */
export type Step = string | number | { key: string; value: string | number | boolean };

const plainKey = /^[A-Za-z0-9_$-]+$/;

/** A path for people: `spec.ports[name=http].port`, `metadata.labels["app.kubernetes.io/name"]`. */
export function pathText(steps: readonly Step[]): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (typeof step === 'object') return `${text}[${step.key}=${step.value}]`;
    if (!plainKey.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
