import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineFinding } from '../../../cluster/drift/finding';
import type { DriftContext } from '../context';
import type { LayerFindings } from '../drift';
import { pulumiUp } from '../pulumi/up';
import { isBooting } from './evaluateMachine';
import { defaultMachinePace } from './pace';
import { readMachines } from './reading';
import { evaluateMachines } from './verdict';

/**
 * Compares the machines with the state and the definition. What is not as it should be is read again, and only what holds twice
 * is drift; machines that boot are waited for, within limits.
 */
export async function compareMachines(context: DriftContext, pace = defaultMachinePace): Promise<LayerFindings> {
  const { definition, signal, note } = context;
  const staying = definition.nodes.filter(({ leaving }) => !leaving);
  const end = performance.now() + pace.patienceSeconds * 1000;
  let reading = await readMachines(context, new Set(staying.map(({ name }) => name)), undefined, pace);
  let verdict = evaluateMachines(context, reading);
  for (let round = 1; verdict.findings.length > 0 || verdict.unsettled; round++) {
    const names = [...verdict.again];
    const some = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}` || 'the cluster';
    if (round > 1) note(`waiting for ${some} to settle`);
    await sleep(pace.settleSeconds * 1000, undefined, { signal });
    reading = await readMachines(context, verdict.again, reading, pace);
    const before = new Set(verdict.findings.map(keyOf));
    const next = evaluateMachines(context, reading);
    const stable = next.findings.every((finding) => before.has(keyOf(finding)));
    verdict = { ...next, findings: next.findings.filter((finding) => before.has(keyOf(finding))) };
    // A machine that does not answer did not answer twice; one that says that it boots will be different soon.
    const boots = [...next.again].some((name) => isBooting(reading.machines.get(name)));
    if ((stable && !boots) || performance.now() > end) break;
    verdict = next;
  }
  const fix = pulumiUp(context.stack);
  return {
    drift: verdict.findings.map(({ upMends, ...finding }) => ({
      ...finding,
      layer: 'machines',
      owner: ownerOf(finding),
      ...(upMends === true && { fix }),
    })),
    couldNotTell: verdict.couldNotTell,
    compared: reading.machines.size + (reading.kubernetes?.nodes.length ?? 0) + reading.certificates.length,
  };
}

const keyOf = ({ id, object, field, wanted, found }: MachineFinding): string =>
  JSON.stringify([id, object, field, wanted, found]);

function ownerOf({ id, object }: MachineFinding): string {
  if (id.startsWith('machine-configuration')) return `Pulumi ${object.replace('machine', 'MachineConfiguration')}`;
  return id.startsWith('etcd') || id === 'certificate' ? 'Talos' : 'Pulumi';
}
