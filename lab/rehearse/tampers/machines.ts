import * as fs from 'node:fs';
import * as https from 'node:https';
import * as path from 'node:path';
import { parseAllDocuments, parseDocument, stringify, type Document } from 'yaml';
import { keyPath } from '../../../cluster/keyPath';
import { controlPlanes, firstControlPlane, machineTargetOf } from '../../../cluster/definition';
import type { Node } from '../../../cluster/stackSchema';
import { TalosClient } from '../../../clients/talos/client';
import { TalosResources } from '../../../clients/talos/resources';
import { machineStateDir } from '../../machines/paths';
import { faultFile, machineFaults } from '../../machines/faults';
import { writePrivate } from '../../files';
import type { Tamper } from '../tamper';
import type { Undo } from '../undo';
import { required, type World } from '../world';

/** What someone does to machines past Pulumi: with talosctl, at the console, or in etcd. */
export async function machineTampers(world: World): Promise<Tamper[]> {
  const { definition } = world.stack;
  const first = firstControlPlane(definition);
  const last = definition.nodes.at(-1) ?? first;
  const added = async (
    name: string,
    node: Node,
    path: string[],
    value: unknown,
    mode: 'no_reboot' | 'staged' = 'no_reboot',
  ): Promise<Tamper> => ({
    name: `machines-${name}`,
    layer: 'machines',
    expect: [{ layer: 'machines', object: `machine ${node.name}`, field: await firstMissing(world, node, path) }],
    apply: () => apply(world, node, mode, ([main]) => main?.setIn(path, value)),
  });
  const additions = await Promise.all([
    added('sysctl-added', first, ['machine', 'sysctls', 'vm.overcommit_memory'], '1'),
    added('label-added', last, ['machine', 'nodeLabels', 'rehearsal.example.org/by-hand'], 'true'),
    added('boot-timeout', first, ['machine', 'time', 'bootTimeout'], '3m0s'),
    added('kubelet-argument', last, ['machine', 'kubelet', 'extraArgs', 'rotate-server-certificates'], 'true'),
    added('registry-mirror', first, ['machine', 'registries', 'mirrors', 'rehearsal.example.org'], {
      endpoints: ['https://mirror.example.org'],
    }),
    added('registry-password', last, ['machine', 'registries', 'config', 'rehearsal.example.org'], {
      auth: { username: 'someone', password: world.unique },
    }),
    added('sysfs-added', first, ['machine', 'sysfs', 'kernel.mm.ksm.run'], '1'),
    added('staged', last, ['machine', 'sysctls', 'vm.overcommit_ratio'], '60', 'staged'),
  ]);
  return [
    ...additions,
    {
      name: 'machines-document-added',
      layer: 'machines',
      expect: [{ layer: 'machines', object: `machine ${last.name}`, field: 'KmsgLogConfig rehearsal' }],
      apply: () =>
        apply(world, last, 'no_reboot', (documents) => {
          documents.push(
            parseDocument(
              stringify({ apiVersion: 'v1alpha1', kind: 'KmsgLogConfig', name: 'rehearsal', url: 'tcp://192.0.2.1:9' }),
            ),
          );
        }),
    },
    {
      name: 'machines-etcd-alarm',
      layer: 'machines',
      expect: [{ layer: 'machines', object: `etcd of ${world.stack.stack}`, field: 'etcd alarms' }],
      apply: () => raiseAlarm(world, first),
    },
    {
      name: 'machines-stranger',
      layer: 'machines',
      expect: [{ layer: 'machines', object: 'Node rehearsal-stranger' }],
      apply: () =>
        world.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'rehearsal-stranger' } }),
    },
    ...(controlPlanes(definition).length > 2
      ? [
          {
            name: 'machines-off',
            layer: 'machines' as const,
            expect: [],
            couldNotTell: ['machines' as const],
            apply: () => powerOff(world, controlPlanes(definition).at(-1) ?? first),
          },
        ]
      : []),
  ];
}

/** The field of a machine's configuration that drift names when a value is added: the first map of its path that is missing. */
export async function firstMissing(world: World, node: Node, path: readonly string[]): Promise<string> {
  const [main] = parseAllDocuments(await activeConfiguration(world, node)) as Document[];
  return keyPath(missingPart(main, path));
}

/** The shortest part of a path that the document lacks; the whole path if it lacks nothing. */
export function missingPart(document: Document | undefined, path: readonly string[]): readonly string[] {
  const length = path.findIndex((_, index) => document?.getIn(path.slice(0, index + 1)) === undefined);
  return length === -1 ? path : path.slice(0, length + 1);
}

async function activeConfiguration({ stack }: World, node: Node): Promise<string> {
  const identity = required(stack.identity, 'the Talos identity');
  const resources = TalosResources.open(machineTargetOf(stack.definition, node), identity);
  const { active = '' } = await resources.configurations().finally(() => resources.close());
  return active;
}

/** Applies a changed configuration of the machine; undoing applies what it had. */
async function apply(
  world: World,
  node: Node,
  mode: 'no_reboot' | 'staged',
  edit: (documents: Document[]) => void,
): Promise<Undo> {
  const target = machineTargetOf(world.stack.definition, node);
  const identity = required(world.stack.identity, 'the Talos identity');
  const before = await activeConfiguration(world, node);
  const documents = parseAllDocuments(before) as Document[];
  edit(documents);
  const send = async (configuration: string, how: typeof mode): Promise<void> => {
    const client = TalosClient.secure(target, identity);
    await client.applyConfiguration(configuration, { mode: how }).finally(() => client.close());
  };
  const texts = documents.flatMap((document) =>
    document.contents === null ? [] : [stringify(document.toJS(), { lineWidth: 0 })],
  );
  await send(texts.join('---\n'), mode);
  return () => send(before, 'no_reboot');
}

/** Raises the alarm of a full database at the machine's member, as etcd does at its quota. */
async function raiseAlarm({ lab, stack }: World, node: Node): Promise<Undo> {
  const { endpoint } = machineTargetOf(stack.definition, node);
  const pki = (name: string): Buffer =>
    fs.readFileSync(path.join(machineStateDir(lab.dir, stack.stack, node.name), 'pki', name));
  const alarm = (action: 'ACTIVATE' | 'DEACTIVATE', memberID: string): Promise<{ header?: { member_id: string } }> =>
    new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        ca: pki('etcd-ca.crt'),
        cert: pki('etcd-client.crt'),
        key: pki('etcd-client.key'),
        headers: { 'content-type': 'application/json' },
      };
      const request = https.request(`https://${endpoint}:2379/v3/maintenance/alarm`, options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as { header?: { member_id: string } });
          else reject(new Error(`etcd of ${node.name} answered ${response.statusCode}: ${text}`));
        });
      });
      request.on('error', reject);
      request.end(JSON.stringify({ action, memberID, alarm: 'NOSPACE' }));
    });
  const own = (await alarm('DEACTIVATE', '0')).header?.member_id ?? '0';
  await alarm('ACTIVATE', own);
  return async () => void (await alarm('DEACTIVATE', own));
}

/** Takes the power from a machine; undoing gives it back and waits for its Talos API. */
async function powerOff(world: World, node: Node): Promise<Undo> {
  const { lab, stack } = world;
  const write = (change: object): void =>
    writePrivate(faultFile(lab.dir), JSON.stringify({ ...machineFaults(lab.dir), ...change }));
  const target = machineTargetOf(stack.definition, node);
  const identity = required(stack.identity, 'the Talos identity');
  const runs = async (): Promise<boolean> => {
    const resources = TalosResources.open(target, identity);
    try {
      const status = await resources.machineStatus();
      return status?.stage === 'running' && status.ready;
    } catch {
      return false;
    } finally {
      resources.close();
    }
  };
  write({ [node.name]: { power: 'off' } });
  await world.until(`${node.name} is off`, async () => !(await runs()));
  return async () => {
    const { [node.name]: _off, ...others } = machineFaults(lab.dir);
    writePrivate(faultFile(lab.dir), JSON.stringify(others));
    await world.until(`${node.name} runs`, runs);
  };
}
