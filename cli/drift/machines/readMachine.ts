import { status } from '@grpc/grpc-js';
import type { Validity } from '../../../clients/http/servedCertificate';
import type { TalosClient } from '../../../clients/talos/client';
import { TalosError } from '../../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { probeUntrusted } from '../../../clients/talos/probe';
import type { MachineConfigurations, MachineDisk, MachineLink, TalosResources } from '../../../clients/talos/resources';
import { messageOf } from '../../../clients/userError';
import { reportSystem, type SystemReport } from '../../../provider/machines/readSystem';
import type { MachineTarget } from '../../../provider/machines/target';
import { withMachine } from '../../../provider/machines/withMachine';

/** What a machine with a configuration of the cluster says; what could not be read is absent. */
export interface MemberReport {
  state: 'member';
  system: SystemReport;
  /** Secret. Or why they could not be read; `denied` if the identity may not. */
  configurations: MachineConfigurations | { why: string; denied: boolean };
  disks?: MachineDisk[] | undefined;
  links?: MachineLink[] | undefined;
  volumes?: string[] | undefined;
  /** Of the Talos API. */
  certificate?: Validity | undefined;
}

/** What a machine is to the cluster, and what it says. */
export type MachineReport =
  | MemberReport
  | { state: 'maintenance' }
  | { state: 'other-cluster'; why: string }
  /** No answer that says anything. */
  | { state: 'silent'; why: string };

/** Reads a machine. Asks only, and never throws: no answer is a report. */
export async function readMachine(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  { port, deadlineSeconds }: { port: number; deadlineSeconds: number },
): Promise<MachineReport> {
  try {
    let certificate: Validity | undefined;
    const work = async (client: TalosClient, resources: TalosResources): Promise<MemberReport> => {
      // The first call: a machine that does not answer is not asked anything else.
      const system = await reportSystem(client, resources, deadlineSeconds);
      const [configurations, disks, links, volumes] = await Promise.all([
        configurationsOf(resources, deadlineSeconds),
        readable(resources.disks()),
        readable(resources.links()),
        readable(resources.volumes()),
      ]);
      return { state: 'member', system, configurations, disks, links, volumes, certificate };
    };
    return await withMachine(target, identity, port, work, ({ valid_from: from, valid_to: to }) => {
      certificate = { notBefore: new Date(from), notAfter: new Date(to) };
    });
  } catch (error) {
    const why = messageOf(error);
    if (!(error instanceof TalosError) || error.failure !== 'untrusted') return { state: 'silent', why };
    const found = await probeUntrusted(target, port);
    if (found === 'maintenance') return { state: 'maintenance' };
    return found === 'other-cluster' ? { state: 'other-cluster', why } : { state: 'silent', why };
  }
}

async function configurationsOf(
  resources: TalosResources,
  deadlineSeconds: number,
): Promise<MemberReport['configurations']> {
  try {
    return await resources.configurations(deadlineSeconds);
  } catch (error) {
    return { why: messageOf(error), denied: error instanceof TalosError && error.code === status.PERMISSION_DENIED };
  }
}

async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    if (error instanceof TalosError) return undefined;
    throw error;
  });
}
