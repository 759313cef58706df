import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { TalosClient } from '../../clients/talos/client';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { TalosResources } from '../../clients/talos/resources';
import { identityOf } from '../../clients/talos/talosconfig';
import { findMarked } from '../../lab/executor/marker';
import { projectDir } from '../../lab/up/project';
import { etcdProblems } from '../../cluster/rollout/clusterState';
import { viewCluster } from '../../provider/machines/clusterView';
import type { MachineTarget } from '../../provider/machines/target';
import { type Checkout, until } from './checkout';
import { RollWatcher, type Watched } from './rollWatcher';

/** Path of a key in a stack file. */
export const setting = (...keys: (string | number)[]) => ['config', ...keys];
export const nodesKey = 'k8s-gitops:nodes';

interface StackNode {
  name: string;
  role: string;
  address: string;
}

interface KubeNode {
  metadata: { name: string };
  spec: { unschedulable?: boolean };
}

/** What the tests of a roll do with a stack of a restored lab; `identity` comes from its talosconfig. */
export function rolledStack(checkout: Checkout, stack: string) {
  const options = ['--non-interactive', '--stack', stack];
  let identity: TalosClientConfiguration;
  /** Changes the stack file, and lets the lab follow: it starts machines for new nodes. */
  async function editStack(edit: (stack: Document) => void): Promise<void> {
    const configured = machines();
    const file = path.join(checkout.root, `Pulumi.${stack}.yaml`);
    const document = parseDocument(fs.readFileSync(file, 'utf8'));
    edit(document);
    fs.writeFileSync(file, document.toString({ lineWidth: 0 }));
    await checkout.must('up', '--services');
    // It restarts machines whose peers have changed.
    await until('the machines answer', 120, async () => {
      const found = await viewCluster(
        configured.filter(({ role }) => role === 'controlplane'),
        identity,
        { deadlineSeconds: 2 },
      );
      return (
        etcdProblems(
          found.controlPlanes,
          found.controlPlanes.map(({ name }) => name),
        ).length === 0
      );
    });
  }

  /** The machines of the stack, dialled as the lab does. */
  function machines(): (MachineTarget & { role: string })[] {
    const file = path.join(projectDir(checkout.labDir), `Pulumi.${stack}.yaml`);
    const { config } = parseDocument(fs.readFileSync(file, 'utf8')).toJS() as {
      config: Record<string, unknown>;
    };
    const overrides = config['k8s-gitops:dialOverrides'] as Record<string, string>;
    return (config[nodesKey] as StackNode[]).map(({ name, role, address }) => ({
      name,
      role,
      node: address,
      endpoint: overrides[address] ?? address,
    }));
  }

  function machine(name: string): MachineTarget {
    const found = machines().find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`the stack has no node ${name}`);
    return found;
  }

  async function withMachine<T>(name: string, work: (client: TalosClient) => Promise<T>): Promise<T> {
    const client = TalosClient.secure(machine(name), identity);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }

  async function configurationOf(name: string): Promise<string> {
    const resources = TalosResources.open(machine(name), identity);
    try {
      return (await resources.configurations()).active ?? '';
    } finally {
      resources.close();
    }
  }

  const bootIds = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        machines().map(async ({ name }) => [name, await withMachine(name, (client) => client.bootId())]),
      ),
    ) as Record<string, string>;
  const members = async (through: string): Promise<string[]> =>
    (await withMachine(through, (client) => client.etcdMembers())).map(
      ({ hostname, isLearner }) => `${hostname}${isLearner ? ' (learner)' : ''}`,
    );
  const kubeNodes = async (): Promise<string[]> =>
    (await checkout.get<KubeNode>(stack, 'nodes'))
      .map(({ metadata, spec }) => `${metadata.name}${spec.unschedulable ? ' (cordoned)' : ''}`)
      .sort();
  const preview = () => checkout.must('pulumi', 'preview', ...options);
  const up = (...flags: string[]) => checkout.must('pulumi', 'up', '--yes', '--skip-preview', ...options, ...flags);
  const changesNothing = () => up('--expect-no-changes');

  /** Runs `up` under the eyes of a watcher. */
  async function watchedUp(): Promise<{ output: string; watched: Watched }> {
    const watcher = new RollWatcher(machines(), identity);
    try {
      return { output: await up(), watched: await watcher.stop() };
    } finally {
      await watcher.stop();
    }
  }

  /** Reads the identity of the stack, which all other functions need. */
  async function open(): Promise<void> {
    const talosconfig = await checkout.must('pulumi', 'stack', 'output', 'talosconfig', '--show-secrets', ...options);
    const found = identityOf(talosconfig);
    if (found === undefined) throw new Error('the talosconfig of the stack has no identity');
    identity = found;
  }

  /** Starts `up`, and kills all of Pulumi as soon as it shows a text. */
  async function killedUp(when: string): Promise<void> {
    const run = checkout.start('pulumi', 'up', '--yes', '--skip-preview', ...options);
    await new Promise<void>((resolve, reject) => {
      let shown = '';
      run.child.stdout?.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
        if (shown.includes(when)) resolve();
      });
      void run.ended.then(({ code, stderr }) => reject(new Error(`up exited with ${code}: ${stderr}`)));
    });
    run.child.kill('SIGKILL');
    // What `lab pulumi` starts is marked as a shell's.
    const pids = findMarked(checkout.labDir, 'shell');
    expect(pids).not.toEqual([]);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await run.ended.catch(() => undefined);
    await checkout.must('pulumi', 'cancel', '--yes', ...options);
  }

  return {
    options,
    open,
    identity: () => identity,
    editStack,
    machines,
    withMachine,
    configurationOf,
    bootIds,
    members,
    kubeNodes,
    preview,
    up,
    killedUp,
    changesNothing,
    watchedUp,
  };
}
