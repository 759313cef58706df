import { parseImage } from '../rollout/configurationImages';
import { type RunningSystem, type WantedSystem } from '../rollout/talosUpgrade';
import { type MachineFinding, machineObject } from './finding';

/** Talos and the schematic that run against those of the definition. */
export function systemDrift(
  name: string,
  running: RunningSystem,
  { version, schematic }: Pick<WantedSystem, 'version' | 'schematic'>,
): MachineFinding[] {
  const finding = (field: string, wanted: string, found: string | undefined): MachineFinding => ({
    ...{ id: 'machine-system', object: machineObject(name), field, wanted },
    ...(found !== undefined && { found }),
    todo: 'run pulumi up, which upgrades machine by machine (docs/upgrades.md)',
    upMends: true,
  });
  return [
    ...(running.version === version ? [] : [finding('Talos', version, running.version)]),
    ...(schematic === undefined || running.schematic === schematic
      ? []
      : [finding('schematic', schematic, running.schematic)]),
  ];
}

/** The components of Kubernetes on a machine, as Kubernetes reports them; what it does not report is absent. */
export interface RunningKubernetes {
  /** `v1.34.1`, as the kubelet says. */
  kubelet?: string | undefined;
  /** The images of the static pods, by component: `kube-apiserver`, … */
  images: Readonly<Record<string, string>>;
}

/** The version of the kubelet and of the control plane's pods against that of the definition. */
export function kubernetesDrift(
  name: string,
  { kubelet, images }: RunningKubernetes,
  wanted: string,
  explains: readonly string[],
): MachineFinding[] {
  const versions: [string, string | undefined][] = [
    ['kubelet', kubelet],
    ...Object.entries(images).map(([component, image]): [string, string | undefined] => [
      component,
      // Of an image without a version, the machine configuration decides whether it is right.
      parseImage(image)?.version,
    ]),
  ];
  return versions.flatMap(([field, found]) =>
    found === undefined || found === wanted
      ? []
      : [
          {
            ...{ id: 'kubernetes-version', object: machineObject(name), field, wanted, found, explains },
            todo: 'run pulumi up, which upgrades component by component (docs/upgrades.md)',
            upMends: true,
          },
        ],
  );
}

/** The field of the machine configuration that decides about a component's image. */
export const imageFields: Readonly<Record<string, string>> = {
  kubelet: 'machine.kubelet.image',
  'kube-apiserver': 'cluster.apiServer.image',
  'kube-controller-manager': 'cluster.controllerManager.image',
  'kube-scheduler': 'cluster.scheduler.image',
};

/** The findings without versions that a changed image in the machine configuration explains. */
export function withoutChangedImages(findings: readonly MachineFinding[]): MachineFinding[] {
  const changed = new Set(
    findings.flatMap(({ object, field, id }) => (id.startsWith('machine-configuration') ? [`${object} ${field}`] : [])),
  );
  return findings.filter(
    ({ id, object, field = '' }) => id !== 'kubernetes-version' || !changed.has(`${object} ${imageFields[field]}`),
  );
}
