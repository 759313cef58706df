import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { stringify } from 'yaml';
import { readNode } from '../../../cli/preflight/nodes/readNode';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { base64, type Pair, TestAuthority } from '../../clients/support/pki';

const node = { address: '10.25.11.11' };
const protos = join(__dirname, '../../../clients/talos/protos');

/** Resources of a machine by type. */
const resources: Record<string, { id: string; spec: object }[]> = {
  'runtime/Versions.runtime.talos.dev': [{ id: 'version', spec: { version: 'v1.10.7' } }],
  'runtime/Disks.block.talos.dev': [{ id: 'sda', spec: { dev_path: '/dev/sda', size: 480_103_981_056 } }],
  'network/LinkStatuses.net.talos.dev': [{ id: 'eno1', spec: { type: 'ether', kind: '', driver: 'i40e' } }],
};

/** Starts a machine on 127.0.0.1: in maintenance mode without `clientCa`, otherwise configured. */
async function startMachine(cert: Pair, options: { clientCa?: string; hides?: string } = {}) {
  const service = (file: string, path: string[]): grpc.ServiceDefinition => {
    let found: unknown = grpc.loadPackageDefinition(
      loadSync(file, { includeDirs: [protos], keepCase: true, defaults: true }),
    );
    for (const part of path) found = (found as Record<string, unknown>)[part];
    return (found as { service: grpc.ServiceDefinition }).service;
  };
  const server = new grpc.Server();
  const nodes: unknown[] = [];
  server.addService(service('machine.proto', ['machine', 'MachineService']), {
    Version: (_call: unknown, callback: grpc.sendUnaryData<object>) => {
      if (options.clientCa === undefined) callback({ code: grpc.status.UNIMPLEMENTED, details: 'not in maintenance' });
      else callback(null, { messages: [{ version: { tag: 'v1.11.2', arch: 'amd64' } }] });
    },
  });
  server.addService(service('state.proto', ['cosi', 'resource', 'State']), {
    List: (call: grpc.ServerWritableStream<{ namespace: string; type: string }, unknown>) => {
      nodes.push(call.metadata.get('node')[0]);
      const { namespace, type } = call.request;
      if (type === options.hides) {
        return void call.emit('error', { code: grpc.status.PERMISSION_DENIED, details: 'not supported' });
      }
      for (const { id, spec } of resources[`${namespace}/${type}`] ?? []) {
        call.write({ resource: { metadata: { id }, spec: { yaml_spec: stringify(spec) } } });
      }
      call.end();
    },
  });
  const keys = [{ cert_chain: Buffer.from(cert.cert), private_key: Buffer.from(cert.key) }];
  const ca = options.clientCa === undefined ? null : Buffer.from(options.clientCa);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createSsl(ca, keys, ca !== null), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { endpoint: { host: '127.0.0.1', port }, nodes, stop: () => server.forceShutdown() };
}

let ours: TestAuthority;
let theirs: TestAuthority;
let identity: TalosClientConfiguration;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([TestAuthority.create('ours'), TestAuthority.create('theirs')]);
  const admin = await ours.issue([]);
  identity = {
    caCertificate: base64(ours.cert),
    clientCertificate: base64(admin.cert),
    clientKey: base64(admin.key),
  };
});
let machine: Awaited<ReturnType<typeof startMachine>> | undefined;
afterEach(() => machine?.stop());

const disks = [{ id: 'sda', dev_path: '/dev/sda', size: 480_103_981_056 }];
const links = [{ id: 'eno1', type: 'ether', kind: '', driver: 'i40e' }];

describe('the state of a node', () => {
  test('in maintenance mode, with and without a stack identity', async () => {
    machine = await startMachine(await theirs.issue(['10.25.11.11']));
    const found = { state: 'maintenance', version: 'v1.10.7', disks, links, volumes: [] };
    expect(await readNode(node, machine.endpoint, undefined)).toEqual(found);
    expect(await readNode(node, machine.endpoint, identity)).toEqual(found);
    expect(new Set(machine.nodes)).toEqual(new Set(['10.25.11.11']));
  });

  test('configured by this stack, with the version from the Version call', async () => {
    machine = await startMachine(await ours.issue(['10.25.11.11']), { clientCa: ours.cert });
    expect(await readNode(node, machine.endpoint, identity)).toEqual({
      state: 'configured',
      version: 'v1.11.2',
      disks,
      links,
      volumes: [],
    });
  });

  test('configured by another stack, with and without a stack identity', async () => {
    machine = await startMachine(await theirs.issue(['10.25.11.11']), { clientCa: theirs.cert });
    expect(await readNode(node, machine.endpoint, identity)).toEqual({ state: 'foreign', stackHasIdentity: true });
    expect(await readNode(node, machine.endpoint, undefined)).toEqual({ state: 'foreign', stackHasIdentity: false });
  });

  test('another node of this stack at its address', async () => {
    machine = await startMachine(await ours.issue(['10.25.11.12']), { clientCa: ours.cert });
    expect(await readNode(node, machine.endpoint, identity)).toEqual({ state: 'foreign', stackHasIdentity: true });
  });

  test('leaves out what cannot be read', async () => {
    machine = await startMachine(await theirs.issue([]), { hides: 'Disks.block.talos.dev' });
    const found = { state: 'maintenance', version: 'v1.10.7', disks: undefined, links, volumes: [] };
    expect(await readNode(node, machine.endpoint, undefined)).toEqual(found);
  });

  test('unreachable if the port is closed', async () => {
    machine = await startMachine(await ours.issue([]));
    machine.stop();
    expect(await readNode(node, machine.endpoint, identity)).toEqual({ state: 'unreachable', why: 'ECONNREFUSED' });
  });
});
