import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  bootstrapEtcd,
  clusterExists,
  etcdBootstrap,
  etcdBootstrapWith,
} from '../../../provider/resources/etcdBootstrap';
import { TalosClient } from '../../../clients/talos/client';
import { classifyFailure } from '../../../clients/talos/errors';
import { FakeFleet } from '../support/fakeFleet';
import { testOperation } from '../support/operation';
import { base64, TestAuthority, type Pair } from '../../clients/support/pki';

type Reply = { code: grpc.status; details: string } | 'ok';
const node = '10.25.11.11';

/** A machine at 127.0.0.1 that replies to Bootstrap from a list in turn, then always with the last reply. */
class FakeMachine {
  private constructor(
    private readonly server: grpc.Server,
    readonly port: number,
    /** The `node` of every Bootstrap so far. */
    readonly nodes: unknown[],
  ) {}

  static async start(options: {
    cert: Pair;
    clientCa?: string;
    replies?: Reply[];
    port?: number;
  }): Promise<FakeMachine> {
    const folder = join(__dirname, '../../../clients/talos/protos');
    const definition = loadSync('machine.proto', { includeDirs: [folder] });
    const service = (
      grpc.loadPackageDefinition(definition).machine as unknown as {
        MachineService: { service: grpc.ServiceDefinition };
      }
    ).MachineService.service;
    const server = new grpc.Server();
    const keys = [{ cert_chain: Buffer.from(options.cert.cert), private_key: Buffer.from(options.cert.key) }];
    const ca = options.clientCa === undefined ? null : Buffer.from(options.clientCa);
    const credentials = grpc.ServerCredentials.createSsl(ca, keys, ca !== null);
    const maintenance = options.clientCa === undefined;
    const nodes: unknown[] = [];
    const replies = [...(options.replies ?? ['ok' as const])];
    server.addService(service, {
      Bootstrap: (call: grpc.ServerUnaryCall<unknown, unknown>, callback: grpc.sendUnaryData<object>) => {
        nodes.push(call.metadata.get('node')[0]);
        const reply = replies.length > 1 ? replies.shift() : replies[0];
        if (reply === undefined || reply === 'ok') callback(null, { messages: [{}] });
        else callback(reply);
      },
      Version: (_call: unknown, callback: grpc.sendUnaryData<object>) => {
        if (maintenance) callback({ code: grpc.status.UNIMPLEMENTED, details: 'version is not implemented' });
        else callback(null, { messages: [{ version: { tag: 'v1.11.2', arch: 'amd64' } }] });
      },
    });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return new FakeMachine(server, port, nodes);
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

let ours: TestAuthority;
let serving: Pair;
let clientConfiguration: { caCertificate: string; clientCertificate: string; clientKey: string };
beforeAll(async () => {
  ours = await TestAuthority.create('ours');
  serving = await ours.issue([node]);
  const admin = await ours.issue([]);
  clientConfiguration = {
    caCertificate: base64(ours.cert),
    clientCertificate: base64(admin.cert),
    clientKey: base64(admin.key),
  };
});
let machine: FakeMachine | undefined;
afterEach(() => machine?.stop());

const inputs = (timeoutSeconds = 5) => ({
  cluster: 'infra',
  node,
  endpoint: '127.0.0.1',
  clientConfiguration,
  controlPlanes: [{ name: 'infra-01', node, endpoint: '127.0.0.1' }],
  timeoutSeconds,
});
const pace = (port: number) => ({
  intervalMilliseconds: 20,
  otherClusterGraceSeconds: 0.1,
  settleMilliseconds: 10,
  port,
});
const run = (port: number, operation = testOperation(), timeout = 5) =>
  bootstrapEtcd(inputs(timeout), operation, pace(port));

describe('bootstrapping etcd', () => {
  test('the machine accepts the call, addressed to the node although another address is dialled', async () => {
    machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert });
    expect(await run(machine.port)).toBe('this run');
    expect(machine.nodes).toEqual([node]);
  });

  test('AlreadyExists is success', async () => {
    const replies: Reply[] = [{ code: grpc.status.ALREADY_EXISTS, details: 'etcd data directory is not empty' }];
    machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert, replies });
    expect(await run(machine.port)).toBe('already');
  });

  test('a transient failure is shown and retried', async () => {
    const replies: Reply[] = [
      { code: grpc.status.FAILED_PRECONDITION, details: 'bootstrap is not available yet' },
      { code: grpc.status.FAILED_PRECONDITION, details: 'time is not in sync yet' },
      'ok',
    ];
    machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert, replies });
    const operation = testOperation();
    expect(await run(machine.port, operation)).toBe('this run');
    expect(operation.lines).toContain(
      `(node ${node} (dialled at 127.0.0.1): FAILED_PRECONDITION: bootstrap is not available yet)`,
    );
    expect(machine.nodes).toHaveLength(3);
  });

  test('a permanent failure is an error', async () => {
    const replies: Reply[] = [{ code: grpc.status.PERMISSION_DENIED, details: 'not authorized' }];
    machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert, replies });
    await expect(run(machine.port)).rejects.toThrow(
      `node ${node} (dialled at 127.0.0.1) refused to bootstrap etcd: PERMISSION_DENIED: not authorized`,
    );
  });

  test('no response: an error on timeout', async () => {
    machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert });
    const { port } = machine;
    machine.stop();
    await expect(run(port, testOperation(), 0.5)).rejects.toThrow(
      /etcd is not bootstrapped after \d s; last state: UNAVAILABLE: .*ECONNREFUSED/,
    );
  });

  test('waits while the machine is in maintenance mode: it is about to install and reboot', async () => {
    const own = await TestAuthority.create('maintenance');
    const first = await FakeMachine.start({ cert: await own.issue([node]) });
    const operation = testOperation();
    const result = run(first.port, operation);
    while (!operation.lines.some((line) => line.includes('maintenance')))
      await new Promise((done) => setTimeout(done, 20));
    first.stop();
    machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert, port: first.port });
    expect(await result).toBe('this run');
    expect(operation.lines).toContain(`(node ${node} (dialled at 127.0.0.1): is still in maintenance mode)`);
  });

  test('a machine of another cluster is rejected', async () => {
    const theirs = await TestAuthority.create('theirs');
    machine = await FakeMachine.start({ cert: await theirs.issue([node]), clientCa: theirs.cert });
    await expect(run(machine.port)).rejects.toThrow(
      new RegExp(
        `^node ${node} \\(dialled at 127.0.0.1\\) belongs to another cluster: its certificate was not issued by ` +
          'the machine CA of infra \\(.*\\)\\. Correct its address .* talosctl reset --nodes 10.25.11.11 --endpoints 10.25.11.11 --graceful=false --reboot .*EPHEMERAL$',
      ),
    );
    expect(machine.nodes).toEqual([]);
  });

  test('a machine with a certificate for another address is not bootstrapped', async () => {
    machine = await FakeMachine.start({ cert: await ours.issue(['10.25.11.12']), clientCa: ours.cert });
    await expect(run(machine.port, testOperation(), 0.3)).rejects.toThrow('is not in the cert');
    expect(machine.nodes).toEqual([]);
  });
});

describe('whether there is an etcd already', () => {
  let fleet: FakeFleet;
  beforeEach(async () => {
    fleet = await FakeFleet.start({ controlPlanes: ['a', 'b', 'c'] });
  });
  afterEach(() => fleet.stop());
  const exists = (operation = testOperation(), timeoutSeconds = 0.3) => {
    const [first] = fleet.controlPlanes;
    if (first === undefined) throw new Error('no control plane');
    const { node: address, endpoint } = first;
    return clusterExists(
      {
        cluster: 'test',
        node: address,
        endpoint,
        clientConfiguration: fleet.identity,
        controlPlanes: fleet.controlPlanes,
        timeoutSeconds,
      },
      operation,
      pace(fleet.port),
    );
  };
  const config = (name: string) => `version: v1alpha1 # ${name}\n`;

  test('no: all control planes answer, and none has one', async () => {
    expect(await exists()).toBe(false);
  });

  test('yes: the first control plane was wiped, and the others have it', async () => {
    await fleet.install(config);
    await fleet.node('a').wipe();
    expect(await exists()).toBe(true);
  });

  test('not known while a control plane does not answer: nothing is bootstrapped', async () => {
    const operation = testOperation();
    fleet.node('b').off();
    await expect(exists(operation)).rejects.toThrow(
      /^etcd is not bootstrapped, because after \d s a control plane that does not answer may have an etcd already \(b \(10\.9\.0\.11, dialled at 127\.91\.0\.11\): UNAVAILABLE: .*\)\. Bring that machine back/,
    );
    expect(operation.lines[0]).toMatch(/^\(waiting: a control plane that does not answer may have an etcd already/);
  });

  describe('an etcd that is lost', () => {
    const begin = async (again?: string, before?: string) => {
      const [first] = fleet.controlPlanes;
      if (first === undefined) throw new Error('no control plane');
      const wanted = {
        cluster: 'test',
        node: first.node,
        endpoint: first.endpoint,
        clientConfiguration: fleet.identity,
        controlPlanes: fleet.controlPlanes,
        timeoutSeconds: 1,
        again,
      };
      const state = { ...wanted, again: before, startedAt: 's', finishedAt: 'f', bootstrappedBy: 'already' as const };
      const operation = testOperation();
      const type = etcdBootstrapWith(pace(fleet.port));
      const planned = await type.inspect?.(state, wanted, operation);
      return { planned, operation, update: () => type.update?.(state, wanted, operation) };
    };

    test('is said, and nothing takes its place unasked', async () => {
      await fleet.install(config);
      fleet.members = [];
      const { planned, operation, update } = await begin('2026-11-28', '2026-11-28');
      expect(planned).toBe(true);
      expect(operation.lines).toEqual([
        expect.stringMatching(
          /^! the cluster has lost its etcd: all control planes answer, and none has one: recover it/,
        ),
      ]);
      await expect(update()).rejects.toThrow(
        /^the cluster has lost its etcd: .*\. To repair it, recover it from a snapshot/,
      );
    });

    test('is replaced by an empty one, once for a date', async () => {
      await fleet.install(config);
      fleet.members = [];
      fleet.node('a').overrides.Bootstrap = () => ({ messages: [{}] });
      const { planned, operation, update } = await begin('2026-11-29', '2026-11-28');
      expect(planned).toBe(true);
      expect(await update()).toMatchObject({ again: '2026-11-29' });
      expect(operation.lines.at(-1)).toBe('an empty etcd is bootstrapped');
    });

    test('is not one that does not answer', async () => {
      await fleet.install(config);
      fleet.node('a').off();
      fleet.node('b').off();
      const { planned, update } = await begin('2026-11-29');
      expect(planned).toBe(false);
      expect(await update()).toMatchObject({ again: undefined });
    });
  });

  test('one without a quorum: nothing is bootstrapped over its data', async () => {
    await fleet.install(config);
    await fleet.node('a').wipe();
    fleet.node('b').off();
    await expect(exists()).rejects.toThrow(
      /^etcd is not bootstrapped, because after \d s etcd runs but has no quorum \(/,
    );
  });
});

test('the client reads the version', async () => {
  machine = await FakeMachine.start({ cert: serving, clientCa: ours.cert });
  const client = TalosClient.secure({ node, endpoint: '127.0.0.1' }, clientConfiguration, machine.port);
  expect(await client.version()).toMatchObject({ tag: 'v1.11.2', arch: 'amd64' });
  client.close();
});

test.each([
  [
    grpc.status.UNAVAILABLE,
    'No connection established. Last error: unable to verify the first certificate',
    'untrusted',
  ],
  [grpc.status.UNAVAILABLE, 'Last error: DEPTH_ZERO self-signed certificate', 'untrusted'],
  [grpc.status.UNAVAILABLE, 'connect ECONNREFUSED', 'transient'],
  [grpc.status.DEADLINE_EXCEEDED, '', 'transient'],
  [grpc.status.ALREADY_EXISTS, '', 'already-exists'],
  [grpc.status.INVALID_ARGUMENT, '', 'permanent'],
])('failure %s "%s" is %s', (code, details, failure) => {
  expect(classifyFailure(code, details)).toBe(failure);
});

test('only the client configuration counts as a change, and it is secret', () => {
  expect(etcdBootstrap.connectionInputs).toEqual(['clientConfiguration']);
  expect(etcdBootstrap.secretProperties).toEqual(['clientConfiguration']);
  expect('exists' in etcdBootstrap).toBe(false);
});
