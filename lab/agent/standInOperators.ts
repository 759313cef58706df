import type { KubernetesClient } from '../../clients/kubernetes/client';
import { addressesOf, type AddressPool, type PoolState } from './loadBalancerAddresses';
import type { Deployment } from './kubeTypes';
import type { ReportedObject } from './reportedObject';
import { type StandInRule, standInRules } from './standInRules';
import type { ProcessStatus } from './status';

/** Milliseconds between rounds; real operators are not faster. */
const interval = 2_000;

/** Stand-ins for operators whose images cannot run here: they report status according to the rules. */
export class StandInOperators {
  private lastRound = 0;
  /** Whether the last round was too early and did nothing. */
  skipped = false;
  private readonly reported = new Map<StandInRule, number>();

  /** One round; `find` returns an operator's Deployment. */
  async reconcile(
    api: KubernetesClient,
    find: (namespace: string, name: string) => Deployment | undefined,
  ): Promise<void> {
    this.skipped = Date.now() - this.lastRound < interval;
    if (this.skipped) return;
    this.lastRound = Date.now();
    const due = standInRules.filter(
      ({ deployment }) => (find(deployment.namespace, deployment.name)?.status?.availableReplicas ?? 0) > 0,
    );
    if (due.length === 0) return;
    const listed = await Promise.all(due.map((rule) => api.list<ReportedObject>(`${rule.api}/${rule.plural}`)));
    const pools = due.some(({ plural }) => plural === 'services')
      ? await api.list<AddressPool>('/apis/cilium.io/v2/ciliumloadbalancerippools')
      : [];
    const services = listed[due.findIndex(({ plural }) => plural === 'services')] ?? [];
    const state: PoolState = { pools, taken: new Set(services.flatMap(addressesOf)) };
    for (const [at, rule] of due.entries()) {
      for (const object of listed[at] ?? []) await this.report(api, rule, object, state);
    }
  }

  /** The entries on the status page, one per kind. */
  status(): ProcessStatus[] {
    return standInRules.map((rule): ProcessStatus => {
      const count = this.reported.get(rule) ?? 0;
      return {
        name: `${rule.operator} (stand-in): ${rule.kind}`,
        version: 'rule',
        real: false,
        state: count > 0 ? 'done' : 'waiting',
        message: count > 0 ? `${count} reported: ${rule.claims}` : `none to report; would claim: ${rule.claims}`,
      };
    });
  }

  private async report(
    api: KubernetesClient,
    rule: StandInRule,
    object: ReportedObject,
    state: PoolState,
  ): Promise<void> {
    const status = rule.status(object, state);
    if (status === undefined || includes(object.status, status)) return;
    const { name, namespace } = object.metadata;
    const place = namespace === undefined ? rule.api : `${rule.api}/namespaces/${namespace}`;
    await api.request('PATCH', `${place}/${rule.plural}/${name}/status`, {
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'lab-stand-in' },
      body: { status },
    });
    this.reported.set(rule, (this.reported.get(rule) ?? 0) + 1);
  }
}

/** Whether `actual` contains everything in `expected`; arrays must have the same length. */
export function includes(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false;
  return Object.entries(expected).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value));
}
