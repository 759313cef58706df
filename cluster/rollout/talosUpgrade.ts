import { compatibility, rangeText } from '../../gitops/compatibility';
import { compareVersions, minorOf, parseVersion, type Version } from '../../gitops/version';

/** The system that a machine runs; what it does not report is absent. */
export interface RunningSystem {
  /** `v1.11.2` */
  version: string;
  /** Id of the schematic of its image. */
  schematic?: string | undefined;
  /** `metal`, `nocloud`, … */
  platform?: string | undefined;
  /** Whether it booted with Secure Boot. */
  secureBoot?: boolean | undefined;
  /** `amd64` or `arm64` */
  architecture?: string | undefined;
}

/** The system that a machine should run. */
export interface WantedSystem {
  /** The installer image. */
  image: string;
  version: string;
  /** Absent for an image of which the schematic is not known; then only the version is compared. */
  schematic?: string | undefined;
  architecture?: string | undefined;
}

/** What decides whether a machine may be upgraded now. */
export interface UpgradeQuestion {
  node: string;
  controlPlane: boolean;
  running: RunningSystem;
  wanted: WantedSystem;
  /** The Talos versions of the other machines that answer. */
  others: readonly string[];
  /** The version of Kubernetes that runs; absent if it is not known. */
  kubernetes?: string | undefined;
  /** How many members etcd has. */
  etcdMembers: number;
}

/** Whether the machine runs another system than it should. */
export function systemDiffers(running: RunningSystem, { version, schematic }: WantedSystem): boolean {
  return running.version !== version || (schematic !== undefined && running.schematic !== schematic);
}

/** What an upgrade changes: `Talos v1.11.2 → v1.11.6`, `schematic 376567988ad3… → ce4c980550dd…`. */
export function systemChange(running: RunningSystem, { version, schematic }: WantedSystem): string {
  const changes: string[] = [];
  if (running.version !== version) changes.push(`Talos ${running.version} → ${version}`);
  if (schematic !== undefined && running.schematic !== schematic) {
    changes.push(`schematic ${shortId(running.schematic)} → ${shortId(schematic)}`);
  }
  return changes.join(', ');
}

/** What a machine runs, for messages. */
export function describeSystem({ version, schematic }: RunningSystem): string {
  return `Talos ${version}${schematic === undefined ? '' : ` with schematic ${shortId(schematic)}`}`;
}

/** Why the machine must not be upgraded: every reason, each with what to do. Empty if it may be. */
export function talosUpgradeProblems(question: UpgradeQuestion): string[] {
  return [
    ...versionProblems(question),
    ...imageProblems(question),
    ...kubernetesProblems(question),
    ...etcdMemberProblems(question),
  ];
}

function versionProblems({ running, wanted, others }: UpgradeQuestion): string[] {
  const [from, to] = [parseVersion(running.version), parseVersion(wanted.version)];
  const back = from !== undefined && to !== undefined && compareVersions(to, from) < 0;
  // The way back out of a roll that was begun: what the others still run can be run again.
  if (back && !others.includes(wanted.version)) {
    return [
      `Talos does not go down from ${running.version} to ${wanted.version}: no other machine of the cluster runs that any more; ` +
        `set TALOS_VERSION to ${running.version}`,
    ];
  }
  return versionStepProblems(running.version, wanted.version).map(({ why, fix }) => `${why}; ${fix}`);
}

/** Why a machine cannot go from one version to another in one step, whatever the rest of the cluster runs. */
export function versionStepProblems(running: string, wanted: string): { why: string; fix: string }[] {
  const [from, to] = [parseVersion(running), parseVersion(wanted)];
  if (from === undefined || to === undefined) return [];
  const steps = to.major === from.major ? to.minor - from.minor : (to.major - from.major) * Infinity;
  if (steps < -1) {
    const why = `Talos does not go down from ${running} to ${wanted}: that is more than one minor version`;
    return [{ why, fix: `set TALOS_VERSION to ${running}` }];
  }
  if (steps > 1) {
    const why = `Talos ${running} cannot go to ${wanted} directly, because Talos supports no upgrade that skips a minor version`;
    return [{ why, fix: `set TALOS_VERSION to the latest ${nextMinor(from)} first` }];
  }
  return [];
}

function imageProblems({ running, wanted }: UpgradeQuestion): string[] {
  const { platform, secureBoot } = installerKind(wanted.image);
  const problems: string[] = [];
  if (platform !== undefined && running.platform !== undefined && running.platform !== platform) {
    problems.push(
      `the machine was installed for the platform ${running.platform}, and ${wanted.image} is for ${platform}: it would not find ` +
        "its network again; set installerImage to its platform's installer, or install it again",
    );
  }
  if (secureBoot !== undefined && running.secureBoot !== undefined && running.secureBoot !== secureBoot) {
    problems.push(
      running.secureBoot
        ? `the machine boots with Secure Boot, and would refuse ${wanted.image}, which is not signed; set secureboot: true`
        : `the machine does not boot with Secure Boot, and ${wanted.image} is for machines that do; set secureboot: false, or ` +
            'install it again from the Secure Boot medium',
    );
  }
  const { architecture } = wanted;
  if (architecture !== undefined && running.architecture && running.architecture !== architecture) {
    problems.push(
      `the machine is ${running.architecture}, but its architecture in the stack is ${architecture}; correct it`,
    );
  }
  return problems;
}

function kubernetesProblems({ wanted, kubernetes }: UpgradeQuestion): string[] {
  if (kubernetes === undefined) return [];
  const found = compatibility('Talos', wanted.version, 'Kubernetes', kubernetes);
  if (found.state !== 'outside') return [];
  return [
    `Talos ${wanted.version} needs ${rangeText(found.row)}, and ${kubernetes} runs; change KUBERNETES_VERSION first, with ` +
      'TALOS_VERSION as it was',
  ];
}

/** Talos itself refuses with two members; the machine that is upgraded would take etcd's quorum with it. */
function etcdMemberProblems({ controlPlane, etcdMembers }: UpgradeQuestion): string[] {
  if (!controlPlane || etcdMembers !== 2) return [];
  return ['etcd has two members, and without one of them no quorum; add a third control plane, or remove one, first'];
}

/**
 * Platform and Secure Boot of an installer of the image factory, such as `…/metal-installer-secureboot/<schematic>:v1.11.6`;
 * empty for other names.
 */
function installerKind(image: string): { platform?: string; secureBoot?: boolean } {
  const [, platform, signed] = /\/(?:([a-z0-9-]+)-)?installer(-secureboot)?\/[0-9a-f]{64}(?::|$)/.exec(image) ?? [];
  if (signed === undefined && platform === undefined && !/\/installer\/[0-9a-f]{64}/.test(image)) return {};
  return { platform: platform ?? 'metal', secureBoot: signed !== undefined };
}

function nextMinor({ major, minor }: Version): string {
  return minorOf({ major, minor: minor + 1, patch: 0, preRelease: '' });
}

function shortId(id: string | undefined): string {
  return id === undefined ? 'none' : `${id.slice(0, 12)}…`;
}
