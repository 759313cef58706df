import { servedCertificate, validityOf } from '../../../clients/http/servedCertificate';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { messageOf } from '../../../clients/userError';
import { controlPlanes, machineTargetOf } from '../../../cluster/definition';
import type { FoundCertificate } from '../../../cluster/drift/certificateDrift';
import { machineObject } from '../../../cluster/drift/finding';
import { renewalDays } from '../../../provider/resources/talosIdentity';
import { kubeconfigInState } from '../../stack/exportedState';
import type { DriftContext } from '../context';
import type { CouldNotTell } from '../drift';
import { isKnown } from '../known';
import type { MachinePace } from './pace';
import { type EtcdReport, readEtcd } from './readEtcd';
import { type KubernetesReport, readKubernetes } from './readKubernetes';
import { type MachineReport, readMachine } from './readMachine';

/** What was read of the machines and of the cluster as a whole. */
export interface Reading {
  /** By the name of the node. */
  machines: Map<string, MachineReport>;
  etcd?: EtcdReport;
  kubernetes?: KubernetesReport;
  kubernetesUnknown?: CouldNotTell;
  certificates: FoundCertificate[];
}

/**
 * Reads the named machines, and everything about the cluster as a whole; the other machines are taken from the reading before.
 */
export async function readMachines(
  context: DriftContext,
  names: ReadonlySet<string>,
  before: Reading | undefined,
  pace: MachinePace,
): Promise<Reading> {
  const { definition, identity } = context;
  const machines = new Map(before?.machines);
  const certificates: FoundCertificate[] = [...stateCertificates(context)];
  const kubernetes = readNodes(context);
  if (!isKnown(identity)) return { machines, certificates, ...(await kubernetes) };
  const nodes = definition.nodes.filter(({ name }) => names.has(name));
  const staying = controlPlanes(definition).filter(({ leaving }) => !leaving);
  const [etcd] = await Promise.all([
    readEtcd(
      staying.map((node) => machineTargetOf(definition, node)),
      identity.value,
      pace,
    ),
    mapConcurrently(pace.concurrency, nodes, async (node) => {
      machines.set(node.name, await readMachine(machineTargetOf(definition, node), identity.value, pace));
    }),
    ...staying.map(async (node) => {
      const { endpoint } = machineTargetOf(definition, node);
      const served = await servedCertificate(endpoint, pace.apiPort, pace.deadlineSeconds * 1000);
      const todo = `see why Talos has not renewed it: talosctl dmesg --nodes ${node.address}; a reboot issues a new one`;
      if (served)
        certificates.push({
          object: machineObject(node.name),
          field: 'certificate of the Kubernetes API',
          ...served,
          todo,
        });
    }),
  ]);
  for (const [name, report] of machines) {
    if (report.state !== 'member' || report.certificate === undefined) continue;
    const address = nodes.find((node) => node.name === name)?.address ?? name;
    const todo = `see why Talos has not renewed it: talosctl dmesg --nodes ${address}; a reboot issues a new one`;
    certificates.push({
      object: machineObject(name),
      field: 'certificate of the Talos API',
      ...report.certificate,
      todo,
    });
  }
  return { machines, etcd, certificates, ...(await kubernetes) };
}

async function readNodes(context: DriftContext): Promise<Pick<Reading, 'kubernetes' | 'kubernetesUnknown'>> {
  const unknown = (why: string, todo: string): Pick<Reading, 'kubernetesUnknown'> => ({
    kubernetesUnknown: { layer: 'machines', object: 'the Nodes', why, todo },
  });
  const api = await context.kubernetes();
  if (!isKnown(api)) return unknown(api.why, api.todo);
  try {
    return { kubernetes: await readKubernetes(api.value) };
  } catch (error) {
    return unknown(messageOf(error), 'use a kubeconfig that may list nodes and pods');
  }
}

/** The client certificates that the program has issued and keeps in the state. */
function stateCertificates({ definition, identity, state }: DriftContext): FoundCertificate[] {
  const kubeconfig = isKnown(state) ? kubeconfigInState(state.value) : undefined;
  const client = kubeconfig === undefined ? undefined : parseKubeconfig(kubeconfig).clientCertificate;
  const talos = isKnown(identity)
    ? Buffer.from(identity.value.clientCertificate, 'base64').toString('utf8')
    : undefined;
  return [['talosconfig', talos] as const, ['kubeconfig', client] as const].flatMap(([name, pem]) => {
    const validity = pem === undefined ? undefined : validityOf(pem);
    if (validity === undefined) return [];
    const [object, field] = [`${name} of ${definition.name}`, 'client certificate'];
    return [{ object, field, ...validity, todo: 'run pulumi up, which issues a new one', upRenewsDays: renewalDays }];
  });
}
