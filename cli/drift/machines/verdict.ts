import { controlPlanes } from '../../../cluster/definition';
import { certificateDrift } from '../../../cluster/drift/certificateDrift';
import { etcdDrift, marginText } from '../../../cluster/drift/etcdDrift';
import { type MachineFinding, machineObject } from '../../../cluster/drift/finding';
import { nodeDrift, type WantedNode } from '../../../cluster/drift/nodeDrift';
import { kubernetesDrift, withoutChangedImages } from '../../../cluster/drift/systemDrift';
import { tokens } from '../../../provider/resources/tokens';
import { decrypted, resourcesOf } from '../../stack/exportedState';
import type { DriftContext } from '../context';
import type { CouldNotTell } from '../drift';
import { isKnown } from '../known';
import { evaluateMachine, isBooting, type MachineVerdict } from './evaluateMachine';
import type { Reading } from './reading';

/** What a reading leads to. */
export interface Verdict {
  findings: MachineFinding[];
  couldNotTell: CouldNotTell[];
  /** Names of the nodes whose machines are about to change, or are not as they should be. */
  again: Set<string>;
  unsettled: boolean;
}

/** Everything that a reading shows. */
export function evaluateMachines(context: DriftContext, reading: Reading): Verdict {
  const { definition, identity } = context;
  const { name: cluster, versions } = definition;
  const couldNotTell: CouldNotTell[] = [];
  const tell = (object: string, why: string, todo: string): void =>
    void couldNotTell.push({ layer: 'machines', object, why, todo });
  if (!isKnown(identity)) tell('the machines', identity.why, identity.todo);
  const findings: MachineFinding[] = [];
  const again = new Set<string>();
  let unsettled = false;
  for (const node of definition.nodes) {
    const report = reading.machines.get(node.name);
    if (report === undefined) continue;
    const verdict = evaluateMachine(definition, node, report, wantedConfiguration(context, node.name));
    findings.push(...verdict.findings);
    for (const { object = machineObject(node.name), why, todo } of withMargin(verdict, node.role, reading))
      tell(object, why, todo);
    if (verdict.unsettled || verdict.findings.length > 0) again.add(node.name);
    unsettled ||= verdict.unsettled;
  }
  if (reading.etcd !== undefined) findings.push(...etcdDrift({ cluster, ...reading.etcd }, controlPlanes(definition)));
  if (reading.kubernetesUnknown !== undefined) couldNotTell.push(reading.kubernetesUnknown);
  if (reading.kubernetes !== undefined) {
    const wanted = definition.nodes.map(({ name, leaving }) => ({ name, leaving, machine: stateOf(reading, name) }));
    findings.push(...nodeDrift(wanted, reading.kubernetes.nodes, [`nodes of ${cluster}`]));
    for (const { name, leaving } of definition.nodes) {
      const running = reading.kubernetes.running.get(name);
      if (leaving || running === undefined || isBooting(reading.machines.get(name))) continue;
      findings.push(...kubernetesDrift(name, running, versions.kubernetes, [`Kubernetes of ${cluster}`]));
    }
  }
  findings.push(...certificateDrift(reading.certificates, new Date()));
  return { findings: withoutChangedImages(findings), couldNotTell, again, unsettled };
}

function stateOf({ machines }: Reading, name: string): WantedNode['machine'] {
  const report = machines.get(name);
  if (report === undefined || report.state === 'silent' || isBooting(report)) return 'unknown';
  return report.state === 'member' ? 'member' : 'none';
}

/** Of a control plane that could not be told, what that means for etcd. */
function withMargin({ unknown }: MachineVerdict, role: string, { etcd }: Reading): MachineVerdict['unknown'] {
  if (role !== 'controlplane' || etcd === undefined) return unknown;
  return unknown.map((one) =>
    one.object === undefined ? { ...one, why: `${one.why}; ${marginText(etcd.answers)}` } : one,
  );
}

function wantedConfiguration({ state }: DriftContext, name: string): Parameters<typeof evaluateMachine>[3] {
  if (!isKnown(state)) return state;
  const resource = resourcesOf(state.value, tokens.machineConfiguration).find(({ inputs }) => inputs?.name === name);
  const configuration = decrypted(resource?.inputs?.configuration);
  return typeof configuration === 'string' ? configuration : undefined;
}
