import { type ConditionedObject, conditionOf } from '../../../clients/kubernetes/objects';
import type { Drift } from '../drift';
import { appliedBy } from '../appliedBy';

/** A Gateway, as the API returns it. */
export interface Gateway extends ConditionedObject {
  spec?: { addresses?: { value?: string }[] };
  status?: ConditionedObject['status'] & { addresses?: { value?: string }[] };
}

/** A Service, as the API returns it. */
export interface Service extends ConditionedObject {
  spec?: { type?: string; loadBalancerIP?: string };
  status?: ConditionedObject['status'] & { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

const layer = 'edge' as const;

function named(kind: string, { metadata: { namespace = '', name } }: ConditionedObject): string {
  return `${kind} ${namespace}/${name}`;
}

/** What is wrong with a Gateway: that it is not programmed, or lacks an address that its spec asks for. */
export function evaluateGateway(gateway: Gateway, services: readonly Service[]): Drift[] {
  if (gateway.metadata.deletionTimestamp !== undefined) return [];
  const own = services.filter(({ metadata }) => {
    return (
      metadata.namespace === gateway.metadata.namespace &&
      metadata.ownerReferences?.some(({ kind, name }) => kind === 'Gateway' && name === gateway.metadata.name)
    );
  });
  const base = {
    ...{ id: 'gateway', layer, owner: 'Cilium', object: named('Gateway', gateway) },
    explains: [...appliedBy(gateway.metadata), ...own.map((service) => named('Service', service))],
  };
  const programmed = conditionOf(gateway, 'Programmed');
  if (programmed?.status !== 'True') {
    return [
      {
        ...{ ...base, why: programmed?.message ?? programmed?.reason ?? 'no controller has reported on it' },
        ...(programmed?.lastTransitionTime !== undefined && { since: programmed.lastTransitionTime }),
        todo: 'correct what it says; its listeners, certificates and addresses are in Git',
      },
    ];
  }
  const wanted = (gateway.spec?.addresses ?? []).flatMap(({ value }) => value ?? []);
  const found = (gateway.status?.addresses ?? []).flatMap(({ value }) => value ?? []);
  if (wanted.every((address) => found.includes(address))) return [];
  return [addressDrift(base, 'status.addresses', wanted, found)];
}

/** Where Cilium's LB IPAM reads which addresses a Service asks for; the second is its former name. */
const requests = ['lbipam.cilium.io/ips', 'io.cilium/lb-ipam-ips'];

/** What is wrong with a Service: that it has no address, or not the one that it asks for. Only for type LoadBalancer. */
export function evaluateLoadBalancer(service: Service): Drift[] {
  const { metadata, spec = {}, status } = service;
  if (spec.type !== 'LoadBalancer' || metadata.deletionTimestamp !== undefined) return [];
  const base = {
    ...{ id: 'load-balancer', layer, owner: 'Cilium', object: named('Service', service) },
    explains: appliedBy(metadata),
  };
  const asked = requests.map((key) => metadata.annotations?.[key]).find((text) => text !== undefined);
  const wanted = (asked ?? spec.loadBalancerIP ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const found = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
  if (found.length > 0 && wanted.every((address) => found.includes(address))) return [];
  const refused = conditionOf(service, 'cilium.io/IPAMRequestSatisfied');
  const why = refused?.status === 'False' ? (refused.message ?? refused.reason) : undefined;
  const drift = addressDrift(base, 'status.loadBalancer.ingress', wanted.length === 0 ? ['an address'] : wanted, found);
  return [{ ...drift, ...(why !== undefined && { why }) }];
}

function addressDrift(
  base: Pick<Drift, 'id' | 'layer' | 'owner' | 'object' | 'explains'>,
  field: string,
  wanted: readonly string[],
  found: readonly string[],
): Drift {
  return {
    ...{ ...base, field, wanted: wanted.join(', '), ...(found.length > 0 && { found: found.join(', ') }) },
    todo: 'free the address, or give the pool one: kubectl get ciliumloadbalancerippools',
  };
}
