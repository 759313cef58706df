import { compatibility, rangeText } from '../../gitops/compatibility';
import { compareVersions, minorOf, parseVersion, type Version } from '../../gitops/version';

/** A component of Kubernetes that a machine runs, in the order in which they are upgraded. */
export const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const;
export type Component = (typeof components)[number];

/** The components of the control plane: static pods. */
export type ControlPlaneComponent = Exclude<Component, 'kubelet'>;

/** What one machine says about its versions. */
export interface MachineVersions {
  node: string;
  /** Talos. */
  talos: string;
  /** Kubernetes, by the image in its configuration; only the components that it runs. */
  components: Partial<Record<Component, string>>;
}

/** An API that clients of the cluster use, and the minor version of Kubernetes that no longer has it: `1.32`. */
export interface RemovedApi {
  /** `flowschemas.v1beta3.flowcontrol.apiserver.k8s.io` */
  api: string;
  removedIn: string;
}

/** The lowest and the highest version that a component of any machine has; undefined if none is known. */
export function runningVersions(machines: readonly MachineVersions[]): { lowest: string; highest: string } | undefined {
  const found = machines
    .flatMap((machine) => Object.values(machine.components))
    .flatMap((text) => {
      const version = parseVersion(text);
      return version === undefined ? [] : [{ text, version }];
    })
    .sort((a, b) => compareVersions(a.version, b.version));
  const [first, last] = [found[0], found.at(-1)];
  return first === undefined || last === undefined ? undefined : { lowest: first.text, highest: last.text };
}

/** The machines and their components that do not have the version yet, in the order in which they are upgraded. */
export function outdated(
  machines: readonly MachineVersions[],
  wanted: string,
): { node: string; component: Component }[] {
  return components.flatMap((component) =>
    machines
      .filter((machine) => ![undefined, wanted].includes(machine.components[component]))
      .map(({ node }) => ({ node, component })),
  );
}

/** Why the cluster must not be changed to that version: every reason, each with what to do. Empty if it may be. */
export function kubernetesUpgradeProblems(
  machines: readonly MachineVersions[],
  wanted: string,
  removed: readonly RemovedApi[] = [],
): string[] {
  const running = runningVersions(machines);
  return [
    ...stepProblems(machines, running, wanted),
    ...talosProblems(machines, wanted),
    ...removedProblems(removed, wanted),
  ];
}

function stepProblems(
  machines: readonly MachineVersions[],
  running: { lowest: string; highest: string } | undefined,
  wanted: string,
): string[] {
  const to = parseVersion(wanted);
  const [lowest, highest] = [parseVersion(running?.lowest ?? ''), parseVersion(running?.highest ?? '')];
  if (running === undefined || to === undefined || lowest === undefined || highest === undefined) return [];
  if (compareVersions(to, highest) < 0) {
    // The way back out of an upgrade that was begun. Not to another minor: API servers may have stored what it cannot read.
    const begun = machines.some(({ components: own }) => Object.values(own).includes(wanted));
    if (begun && sameMinor(to, highest)) return [];
    return [`Kubernetes does not go down, and ${running.highest} runs; set KUBERNETES_VERSION to ${running.highest}`];
  }
  if (to.major !== lowest.major || to.minor - lowest.minor > 1) {
    const next = minorOf({ ...lowest, minor: lowest.minor + 1 });
    return [
      `Kubernetes goes up one minor version at a time, and ${running.lowest} still runs; set KUBERNETES_VERSION to the latest ` +
        `${next} first`,
    ];
  }
  return [];
}

function talosProblems(machines: readonly MachineVersions[], wanted: string): string[] {
  const refusing = new Map<string, { range: string; nodes: string[] }>();
  for (const { node, talos } of machines) {
    const found = compatibility('Talos', talos, 'Kubernetes', wanted);
    if (found.state !== 'outside') continue;
    const entry = refusing.get(talos) ?? { range: rangeText(found.row), nodes: [] };
    entry.nodes.push(node);
    refusing.set(talos, entry);
  }
  return [...refusing].map(
    ([talos, { range, nodes }]) =>
      `Kubernetes ${wanted} does not run on Talos ${talos} of ${nodes.join(', ')}, which needs ${range}; change TALOS_VERSION`,
  );
}

function removedProblems(removed: readonly RemovedApi[], wanted: string): string[] {
  const to = parseVersion(wanted);
  return removed
    .filter(({ removedIn }) => to !== undefined && isReached(removedIn, to))
    .map(
      ({ api, removedIn }) =>
        `a client of the cluster uses ${api}, which Kubernetes ${removedIn} no longer has; move it to a later version of the API ` +
        'first (`kubectl get --raw /metrics | grep apiserver_requested_deprecated_apis` shows it until the API server restarts)',
    );
}

function isReached(minor: string, to: Version): boolean {
  const [major = 0, number = 0] = minor.split('.').map(Number);
  return major < to.major || (major === to.major && number <= to.minor);
}

function sameMinor(a: Version, b: Version): boolean {
  return a.major === b.major && a.minor === b.minor;
}
