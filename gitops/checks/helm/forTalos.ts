import { type Json, valueAt } from '../../kubernetesObject';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { releases, valuesOf } from '../sources/charts';

/** A value that a chart must have on Talos, because its default does not fit there. */
interface Need {
  path: readonly string[];
  fits: (value: Json | undefined) => boolean;
  /** What the chart does otherwise. */
  otherwise: string;
  todo: string;
}

const isFalse = (value: Json | undefined): boolean => value === false;
const withoutModules = (value: Json | undefined): boolean => Array.isArray(value) && !value.includes('SYS_MODULE');

const needs: Readonly<Record<string, readonly Need[]>> = {
  cilium: [
    {
      path: ['cgroup', 'autoMount', 'enabled'],
      fits: isFalse,
      otherwise: 'mounts cgroups, which Talos has mounted',
      todo: 'set cgroup.autoMount.enabled to false and cgroup.hostRoot to /sys/fs/cgroup',
    },
    {
      path: ['sysctlfix', 'enabled'],
      fits: isFalse,
      otherwise: 'starts an init container that writes to /etc/sysctl.d, which is read-only',
      todo: 'set sysctlfix.enabled to false',
    },
    ...['ciliumAgent', 'cleanCiliumState'].map((part) => ({
      path: ['securityContext', 'capabilities', part],
      fits: withoutModules,
      otherwise: 'asks for SYS_MODULE, which Talos gives to nobody',
      todo: `list securityContext.capabilities.${part} without SYS_MODULE`,
    })),
  ],
  spegel: [
    {
      path: ['spegel', 'containerdRegistryConfigPath'],
      fits: (value) => value === '/etc/cri/conf.d/hosts',
      otherwise: "writes its mirrors where Talos' containerd does not look, on a read-only disk",
      todo: 'set spegel.containerdRegistryConfigPath to /etc/cri/conf.d/hosts',
    },
  ],
};

/** A chart whose values do not fit the operating system. */
export const valueNotForTalos: Check = {
  id: 'value-not-for-talos',
  severity: 'error',
  set: 'platform',
  why: "Talos' disk is read-only and its kernel loads no modules for pods: the chart's default does not start there.",
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        for (const { path, fits, otherwise, todo } of needs[chart.name] ?? []) {
          if (fits(valueAt(valuesOf(release.object), ...path))) continue;
          yield about(tree, cluster, release, ['spec', 'values', ...path], otherwise, todo);
        }
      }
    }
  },
};
