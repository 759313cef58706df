import type { Checkout } from './checkout';

const minute = 60_000;

/** A Secret or ConfigMap of a cluster. */
export interface Secret {
  metadata: { name: string };
  data?: Record<string, string>;
}

/** The status of an ExternalSecret that the tests read. */
export interface ExternalSecret {
  metadata: { name: string; namespace: string };
  status?: { refreshTime?: string; conditions?: { type: string; status: string }[] };
}

/** The merged data of the Secret and ConfigMap of that name. */
export async function secretData(
  checkout: Checkout,
  stack: string,
  namespace: string,
  name: string,
): Promise<Record<string, string>> {
  const found = (await checkout.get<Secret>(stack, 'secrets,configmaps', '-n', namespace)).filter(
    ({ metadata }) => metadata.name === name,
  );
  return Object.assign({}, ...found.map(({ data }) => data ?? {})) as Record<string, string>;
}

/** All ExternalSecrets of a cluster. */
export function externalSecrets(checkout: Checkout, stack: string): Promise<ExternalSecret[]> {
  return checkout.get<ExternalSecret>(stack, 'externalsecrets', '-A');
}

/** Registers the test of what the clusters of a lab read from the vault, regardless of how they came up. */
export function sharedSecrets(checkout: Checkout, stacks: readonly string[]): void {
  test(
    'every ExternalSecret of every cluster is synced, and all clusters have one Cilium CA',
    async () => {
      const authorities = new Set<string | undefined>();
      for (const stack of stacks) {
        const all = await externalSecrets(checkout, stack);
        expect(all).not.toEqual([]);
        const unsynced = all.filter(
          ({ status }) => !status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
        );
        expect(unsynced.map(({ metadata }) => metadata.name)).toEqual([]);
        const { 'ca.crt': certificate } = await secretData(checkout, stack, 'kube-system', 'cilium-ca');
        authorities.add(certificate);
        const bundle = (await secretData(checkout, stack, 'kube-system', 'cilium-root-ca.crt'))['ca.crt'];
        expect(Buffer.from(certificate ?? '', 'base64').toString()).toBe(bundle);
      }
      expect(authorities.size).toBe(1);
    },
    5 * minute,
  );
}
