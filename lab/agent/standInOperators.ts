import { addressesOf, type AddressPool, type PoolState } from './loadBalancerAddresses';
import type { KubeApi } from './kubeApi';
import type { Deployment } from './kubeTypes';
import type { ReportedObject } from './reportedObject';
import { type StandInRule, standInRules } from './standInRules';
import type { ProcessStatus } from './status';

/** Milliseconds between two looks: operators are no faster. */
const interval = 2_000;

/** Stand-ins for the operators whose images cannot run here: each reports its kinds as its rules say. */
export class StandInOperators {
  private lookedAt = 0;
  private readonly reported = new Map<StandInRule, number>();

  /** One round; `find` gives an operator's Deployment. */
  async reconcile(api: KubeApi, find: (namespace: string, name: string) => Deployment | undefined): Promise<void> {
    if (Date.now() - this.lookedAt < interval) return;
    this.lookedAt = Date.now();
    const due = standInRules.filter(
      ({ deployment }) => (find(deployment.namespace, deployment.name)?.status?.availableReplicas ?? 0) > 0,
    );
    if (due.length === 0) return;
    const listed = await Promise.all(due.map((rule) => listObjects(api, `${rule.api}/${rule.plural}`)));
    const pools = due.some(({ plural }) => plural === 'services')
      ? ((await listObjects(api, '/apis/cilium.io/v2/ciliumloadbalancerippools')) as AddressPool[])
      : [];
    const services = listed[due.findIndex(({ plural }) => plural === 'services')] ?? [];
    const state: PoolState = { pools, taken: new Set(services.flatMap(addressesOf)) };
    for (const [at, rule] of due.entries()) {
      for (const object of listed[at] ?? []) await this.report(api, rule, object, state);
    }
  }

  /** One line of the status page for each kind. */
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

  private async report(api: KubeApi, rule: StandInRule, object: ReportedObject, state: PoolState): Promise<void> {
    const status = rule.status(object, state);
    if (status === undefined || includes(object.status, status)) return;
    const { name, namespace } = object.metadata;
    const place = namespace === undefined ? rule.api : `${rule.api}/namespaces/${namespace}`;
    await api.request(`${place}/${rule.plural}/${name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'lab-stand-in' },
      body: { status },
    });
    this.reported.set(rule, (this.reported.get(rule) ?? 0) + 1);
  }
}

/** All objects of a kind; none while the kind is not there. */
async function listObjects(api: KubeApi, path: string): Promise<ReportedObject[]> {
  return (await api.find<{ items: ReportedObject[] }>(path))?.items ?? [];
}

/** Whether `actual` says everything that `wanted` says; lists must be equal in length. */
export function includes(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(actual) || actual.length !== wanted.length)) return false;
  return Object.entries(wanted).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value));
}
