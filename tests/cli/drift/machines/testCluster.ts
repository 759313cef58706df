import { KubernetesClient } from '../../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../../clients/kubernetes/kubeconfig';
import { defineCluster } from '../../../../cluster/defineCluster';
import type { ClusterDefinition } from '../../../../cluster/definition';
import { schematicText } from '../../../../cluster/schematic';
import { schematicId } from '../../../../cluster/schematicId';
import type { DriftContext } from '../../../../cli/drift/context';
import type { LayerFindings } from '../../../../cli/drift/drift';
import { compareMachines } from '../../../../cli/drift/machines/machines';
import type { ExportedState } from '../../../../cli/stack/exportedState';
import { FakeApi } from '../../../clients/support/fakeApi';
import { listed } from '../../../clients/support/fakeMachine';
import { baseInput } from '../../../cluster/fixtures';
import { FakeFleet, type FakeNode } from '../../../provider/support/fakeFleet';

/** The configuration of a machine of a test cluster. */
export const configuration = (name: string, sysctl = '1024'): string => `version: v1alpha1
machine:
  token: token-of-${name}-which-is-secret
  kubelet:
    image: ghcr.io/siderolabs/kubelet:v1.34.1
  sysctls:
    vm.nr_hugepages: "${sysctl}"
cluster:
  apiServer:
    image: registry.k8s.io/kube-apiserver:v1.34.1
---
apiVersion: v1alpha1
kind: EthernetConfig
name: enp1s0
rings:
  rx: 8160
`;

/** A cluster whose machines, etcd and Nodes are as its definition says, until a test changes them. */
export class TestCluster {
  readonly nodes = new Map<string, Record<string, unknown>>();
  readonly pods: object[] = [];
  definition: ClusterDefinition;
  context: DriftContext;
  readonly notes: string[] = [];
  /** How long a machine that boots is waited for. */
  patienceSeconds = 60;

  private readonly original: DriftContext;

  private constructor(
    readonly fleet: FakeFleet,
    readonly api: FakeApi,
  ) {
    const defined = defineCluster(baseInput());
    const [template] = defined.nodes;
    if (template === undefined) throw new Error('the base has no node');
    const targets = fleet.nodes.map(({ target }) => target);
    this.definition = {
      ...defined,
      nodes: fleet.nodes.map(({ target, role }) => ({ ...template, name: target.name, address: target.node, role })),
      dialOverrides: Object.fromEntries(targets.map(({ node, endpoint }) => [node, endpoint])),
    };
    const client = new KubernetesClient(parseKubeconfig(api.kubeconfig), new AbortController().signal, 10);
    this.context = {
      stack: 'east',
      definition: this.definition,
      state: { value: this.state() },
      identity: { value: fleet.identity },
      kubernetes: () => Promise.resolve({ value: client }),
      signal: new AbortController().signal,
      note: (text: string) => void this.notes.push(text),
    } as unknown as DriftContext;
    this.original = this.context;
  }

  /** Makes everything as the definition says again. */
  async reset(): Promise<void> {
    const { fleet } = this;
    this.context = this.original;
    this.patienceSeconds = 60;
    for (const list of [this.notes, this.pods, fleet.alarms]) list.splice(0);
    this.nodes.clear();
    Reflect.deleteProperty(fleet, 'quorum');
    for (const node of fleet.nodes) {
      node.overrides = {};
      node.resources = {};
      this.addNode(node);
    }
    await fleet.install(configuration);
  }

  static async start(controlPlanes: string[], workers: string[] = []): Promise<TestCluster> {
    const api = await FakeApi.start();
    const fleet = await FakeFleet.start({ controlPlanes, workers }, api.kubeconfig);
    const cluster = new TestCluster(fleet, api);
    await cluster.reset();
    api.handler = ({ path }) => {
      if (path === '/api/v1/nodes') return { body: { items: [...cluster.nodes.values()] } };
      if (path === '/api/v1/namespaces/kube-system/pods') return { body: { items: cluster.pods } };
      return undefined;
    };
    return cluster;
  }

  /** The state after a successful `pulumi up`. */
  state(): ExportedState {
    const secret = (value: string) => ({ plaintext: JSON.stringify(value) });
    const resources = this.fleet.nodes.map(({ target: { name } }) => ({
      type: 'platform:index:MachineConfiguration',
      inputs: { name, configuration: secret(configuration(name)) },
    }));
    return { deployment: { resources } };
  }

  private addNode({ target: { name }, role, resources }: FakeNode): void {
    const status = { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.34.1' } };
    this.nodes.set(name, { metadata: { name }, spec: {}, status });
    if (role === 'controlplane') {
      this.pods.push({
        metadata: { name: `kube-apiserver-${name}`, namespace: 'kube-system' },
        spec: { nodeName: name, containers: [{ image: 'registry.k8s.io/kube-apiserver:v1.34.1' }] },
      });
    }
    const schematic = this.definition.schematics.default;
    if (schematic === undefined) throw new Error('the base has no default schematic');
    const link = (id: string, last: string) =>
      listed(id, { type: 'ether', hardwareAddr: `f8:f2:1e:20:57:${last}`, driver: 'i40e' });
    Object.assign(resources, {
      'ExtensionStatuses.runtime.talos.dev': [
        listed('0', { metadata: { name: 'schematic', version: schematicId(schematicText(schematic)) } }),
      ],
      'Disks.block.talos.dev': [listed('sda', { dev_path: '/dev/sda', size: 500_000_000_000, transport: 'sata' })],
      'LinkStatuses.net.talos.dev': [link('enp1s0f0np0', '01'), link('enp1s0f1np1', '02')],
    });
  }

  compare(): Promise<LayerFindings> {
    return compareMachines(this.context, {
      port: this.fleet.port,
      apiPort: 1,
      deadlineSeconds: 30,
      settleSeconds: 0.02,
      patienceSeconds: this.patienceSeconds,
      concurrency: 4,
    });
  }

  /** Objects with fields, wanted and found of everything that drifted. */
  async drifted(): Promise<string[]> {
    const { drift } = await this.compare();
    return drift.map(({ id, object, field, wanted, found }) =>
      [id, object, field, wanted, found].map((part) => part ?? '-').join(' | '),
    );
  }

  async stop(): Promise<void> {
    this.fleet.stop();
    const client = await this.context.kubernetes();
    if ('value' in client) client.value.close();
    await this.api.stop();
  }
}
