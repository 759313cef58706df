import { tools } from '../../tools/manifest';
import { egressSocket } from '../agent/processes';
import type { LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import { machineFaults } from './faults';
import { machineLinks } from './links';
import { machineStateDir } from './paths';

// Run by a machine that has become a control plane.
const binaries = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

/** One simulated Talos machine per node of each cluster; like bare metal, all start in maintenance mode. */
export function machineProcesses(ctx: LabContext): LabProcess[] {
  const faults = machineFaults(ctx.dir);
  return ctx.clusters.flatMap((cluster) => {
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
        binaries: Object.fromEntries(binaries.map((binary) => [binary, ctx.tool(binary)])),
        apiServerOn: ctx.ha ? 'all' : 'first',
        talosVersion: faults[node.name]?.talosVersion ?? cluster.settings.TALOS_VERSION,
        links: cluster.links === undefined ? [] : machineLinks(cluster.links, node.address),
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
