import type { KubernetesClient } from '../../clients/kubernetes/client';
import { addressesOf, type AddressPool, type PoolState } from './loadBalancerAddresses';
import type { Deployment } from './kubeTypes';
import { cachedLookup } from './cachedLookup';
import type { ReportedObject } from './reportedObject';
import type { StandInRule } from './standInRule';
import { standInRules } from './standInRules';
import type { ProcessStatus } from './status';

/** Milliseconds between rounds; real operators are not faster. */
const interval = 2_000;

/** Stand-ins for operators whose images cannot run here: they report status according to the rules. */
export class StandInOperators {
  private lastRound = 0;
  /** Whether the last round was too early and did nothing, or refused something: what it lacks may appear unnoticed. */
  skipped = false;
  private readonly reported = new Map<StandInRule, number>();
  private refused = new Map<StandInRule, string[]>();

  /** One round; `find` returns an operator's Deployment, and the last argument is the one of {@link Lookup}. */
  async reconcile(
    api: KubernetesClient,
    find: (namespace: string, name: string) => Deployment | undefined,
    gatewayApiProblem: string | undefined,
  ): Promise<void> {
    this.skipped = Date.now() - this.lastRound < interval;
    if (this.skipped) return;
    this.lastRound = Date.now();
    const due = standInRules.filter(
      ({ deployment }) => (find(deployment.namespace, deployment.name)?.status?.availableReplicas ?? 0) > 0,
    );
    if (due.length === 0) return;
    const listed = await Promise.all(due.map((rule) => api.list<ReportedObject>(`${rule.api}/${rule.plural}`)));
    const pools = due.some(({ deployment }) => deployment.name === 'cilium-operator')
      ? await api.list<AddressPool>('/apis/cilium.io/v2/ciliumloadbalancerippools')
      : [];
    const services = listed[due.findIndex(({ plural }) => plural === 'services')] ?? [];
    const state: PoolState = { pools, taken: new Set(services.flatMap(addressesOf)) };
    this.refused = new Map();
    const lookup = cachedLookup(api, gatewayApiProblem);
    for (const [at, rule] of due.entries()) {
      for (const object of listed[at] ?? []) {
        const why = await rule.refuses(object, lookup);
        if (why !== undefined) this.refused.set(rule, [...(this.refused.get(rule) ?? []), `${nameOf(object)}: ${why}`]);
        await this.report(
          api,
          rule,
          object,
          why === undefined ? rule.status(object, state) : rule.refused(object, why),
        );
      }
    }
    this.skipped = this.refused.size > 0;
  }

  /** The entries on the status page, one per kind. */
  status(): ProcessStatus[] {
    return standInRules.map((rule): ProcessStatus => {
      const count = this.reported.get(rule) ?? 0;
      const refused = this.refused.get(rule) ?? [];
      const claims = count > 0 ? `${count} reported: ${rule.claims}` : `none to report; would claim: ${rule.claims}`;
      return {
        name: `${rule.operator} (stand-in): ${rule.kind}`,
        version: 'rule',
        real: false,
        state: refused.length > 0 || count === 0 ? 'waiting' : 'done',
        message: [claims, ...refused.map((one) => `refuses ${one}`)].join('; '),
      };
    });
  }

  private async report(
    api: KubernetesClient,
    rule: StandInRule,
    object: ReportedObject,
    status: Record<string, unknown> | undefined,
  ): Promise<void> {
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

function nameOf({ metadata: { namespace, name } }: ReportedObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether `actual` contains everything in `expected`; arrays must have the same length. */
export function includes(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false;
  return Object.entries(expected).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value));
}
