/**
 * Expands `$(NAME)` as Kubernetes does in arguments and variables: leaves unknown names alone, and turns `$$(NAME)` into a
 * literal `$(NAME)`.
 */
export function expandReferences(text: string, variables: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_.-][\w.-]*)\)/g, (match: string, name: string | undefined) =>
    name === undefined ? '$' : (variables[name] ?? match),
  );
}

const factors: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A Kubernetes quantity ("64Mi", "1500m", "2") as a number of bytes or CPUs. */
export function quantity(text: string): number {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(text.trim());
  const factor = factors[match?.[2] ?? 'none'];
  if (match === null || factor === undefined) throw new Error(`"${text}" is not a Kubernetes quantity`);
  return Number(match[1]) * factor;
}
