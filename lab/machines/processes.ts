import { tools } from '../../tools/manifest';
import { egressSocket } from '../agent/processes';
import type { LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import { faultFile, machineFaults } from './faults';
import { machineLinks } from './links';
import { machineStateDir } from './paths';

// The control plane of a release of Kubernetes, which a machine runs if its configuration's images have that version.
const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** Paths of the components' programs, by version and name: the lab's release, and the next one if the lab has it. */
function kubernetesBinaries(ctx: LabContext): Record<string, Record<string, string>> {
  const next = components.map((name) => [name, ctx.tools[`${name}-next`]] as const);
  return {
    [tools['kube-apiserver'].version]: Object.fromEntries(components.map((name) => [name, ctx.tool(name)])),
    ...(next.every(([, file]) => file !== undefined) && {
      [tools['kube-apiserver-next'].version]: Object.fromEntries(next) as Record<string, string>,
    }),
  };
}

/** One simulated Talos machine per node of each cluster; like bare metal, all start in maintenance mode. */
export function machineProcesses(ctx: LabContext): LabProcess[] {
  const faults = machineFaults(ctx.dir);
  return ctx.clusters.flatMap((cluster) => {
    const first = cluster.nodes.find(({ role }) => role === 'controlplane');
    const peers = Object.fromEntries(cluster.nodes.map((node) => [node.address, node.endpoint]));
    return cluster.nodes.map((node): LabProcess => {
      const name = `machine-${node.name}`;
      const healthPort = ctx.port(name);
      const stateDir = machineStateDir(ctx.dir, cluster.name, node.name);
      const config = ctx.writeConfig(name, {
        name: node.name,
        address: node.address,
        listen: `${node.endpoint}:50000`,
        apiListen: `${node.endpoint}:6443`,
        healthPort,
        stateDir,
        logDir: ctx.path('logs', name),
        podCIDR: cluster.settings.POD_CIDR,
        peers,
        binaries: { etcd: ctx.tool('etcd'), kwok: ctx.tool('kwok'), kubernetes: kubernetesBinaries(ctx) },
        apiServerOn: ctx.ha ? 'all' : 'first',
        first: node === first,
        faultFile: faultFile(ctx.dir),
        talosVersion: faults[node.name]?.talosVersion ?? cluster.settings.TALOS_VERSION,
        links: machineLinks(node.links, node.address),
        egressSocket: egressSocket(ctx, cluster.name),
      });
      return {
        name,
        version: tools['talos-machine'].version,
        real: false,
        needs: [],
        command: [ctx.tool('talos-machine'), '--config', config],
        ready: { kind: 'http', url: `http://127.0.0.1:${healthPort}/healthz` },
        ports: { health: healthPort },
        stopSeconds: 30,
      };
    });
  });
}
