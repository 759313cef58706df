import type { ListedSystems, SystemUse } from '../gitops/listedSystems';
import type { SettingKey } from './settingTypes';

// The Flux Kustomizations of optional systems that the program knows by name. Everything else about a system follows from its
// manifests.

/** Announces the addresses of the pool in the nodes' own subnet. */
export const l2System = 'cilium-l2';

/** Has the component that gives an app's volume backups, which apps may include at any time. */
export const backupSystem = 'volsync';

/** Scrapes the machines: where it is listed, the control plane's components listen for it. */
export const metricsSystem = 'metrics-agent';

/** Takes the logs of each machine, Talos' own included. */
export const logsSystem = 'fluent-bit';

/** Has roles for people's groups: where it is listed and an issuer is set, the API server takes their tokens. */
export const peopleSystem = 'people-rbac';

/** Systems that only work with a switch of Cilium, which core installs. */
export const switchedSystems = [
  { system: 'cilium-clustermesh', key: 'CLUSTERMESH_ENABLED', name: 'clusterMeshEnabled' },
  { system: 'cilium-spire', key: 'CILIUM_SPIRE_ENABLED', name: 'spireEnabled' },
] as const satisfies { system: string; key: SettingKey; name: string }[];

/** The folder of the issuer that proves names by HTTP-01, and the gateways that it cannot serve, with what to list instead. */
export const http01Issuer = 'certificate-issuer-http01';
export const wildcardGateways = [
  { system: 'gateway-external', instead: 'gateway-external-http01 instead' },
  { system: 'gateway-internal', instead: 'another certificate-issuer, or remove gateway-internal' },
] as const;

/** Whether what may read a field of 1Password does: always if what the cluster lists is not known completely. */
export function mayRead(systems: ListedSystems, wanted: { title: string; field: string }): boolean {
  return systems.unknown.length > 0 || readerOf(systems, wanted) !== undefined;
}

/** The first that reads a field of 1Password. */
export function readerOf(
  { vaultFields }: Pick<ListedSystems, 'vaultFields'>,
  wanted: { title: string; field: string },
): SystemUse | undefined {
  return vaultFields.find(({ title, field }) => title === wanted.title && [wanted.field, '*'].includes(field))?.by;
}

/** Who uses something, for a message: `cilium-bgp (kubernetes/…/x.yaml:12)`. */
export function describeUse({ kustomization, place }: SystemUse): string {
  return `${kustomization} (${place})`;
}
