import * as grpc from '@grpc/grpc-js';
import { defaultPace } from '../../../provider/machines/pace';
import { readSystem, type SystemState } from '../../../provider/machines/readSystem';
import { upgradeMachine, waitUntilRunning } from '../../../provider/machines/upgradeMachine';
import { type Answers, FakeMachine, lengthDelimited, listed, refusal } from '../../clients/support/fakeMachine';
import { base64, TestAuthority } from '../../clients/support/pki';
import { testOperation } from '../support/operation';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const target = { name: 'infra-02', node: '10.25.11.12', endpoint: '127.0.0.1' };
const wanted = { image: `factory.talos.dev/metal-installer/${b}:v1.11.6`, version: 'v1.11.6', schematic: b };

let identity: { caCertificate: string; clientCertificate: string; clientKey: string };
let machine: FakeMachine;
/** What the machine reports at each read from now on; the last one holds. */
let reports: Report[];
let before: SystemState;
/** What the machine does on the upgrade, after it has acknowledged it. */
let upgraded: () => void;
let events: object[];

interface Report {
  version: string;
  schematic?: string;
  boot: string;
  stage: string;
  unmet: { name: string; reason: string }[];
}

const running: Report = { version: 'v1.11.2', schematic: a, boot: 'one', stage: 'running', unmet: [] };

/** Counts each call of a read for itself: they arrive in any order, and a report must reach a reader whole. */
let reads: Map<string, number>;
function report(call: string): Report {
  const read = reads.get(call) ?? 0;
  reads.set(call, read + 1);
  return reports[Math.min(read, reports.length - 1)] ?? running;
}
/** Lets the next read have the first of these reports, the one after it the second, and so on. */
function reportFromNow(...next: Report[]): void {
  reads = new Map();
  reports = next;
}

beforeEach(async () => {
  const authority = await TestAuthority.create('ours');
  const admin = await authority.issue([]);
  identity = {
    caCertificate: base64(authority.cert),
    clientCertificate: base64(admin.cert),
    clientKey: base64(admin.key),
  };
  reportFromNow(running);
  upgraded = () => undefined;
  events = [];
  machine = await FakeMachine.start({
    cert: await authority.issue([target.node]),
    clientCa: authority.cert,
    answers: { ...answers },
  });
  before = await readSystem(target, identity, { port: machine.port });
});
afterEach(() => machine.stop());

const answers: Answers = {
  Version: () => ({
    messages: [{ version: { tag: report('Version').version, arch: 'amd64' }, platform: { name: 'metal' } }],
  }),
  Read: () => [{ bytes: Buffer.from(`${report('Read').boot}\n`) }],
  Upgrade: () => {
    upgraded();
    return { messages: [{ ack: 'Upgrade request received', actorId: 'actor' }] };
  },
  Events: () => events,
  List: ({ type }: { type: string }) => {
    switch (type) {
      case 'MachineStatuses.runtime.talos.dev': {
        const { stage, unmet } = report(type);
        return [listed('machine', { stage, status: { ready: unmet.length === 0, unmetConditions: unmet } })];
      }
      case 'ExtensionStatuses.runtime.talos.dev':
        return [listed('0', { metadata: { name: 'schematic', version: report(type).schematic } })];
      case 'SecurityStates.talos.dev':
        return [listed('securitystate', { secureBoot: false })];
      default:
        return [];
    }
  },
};

const pace = () => ({ ...defaultPace, intervalMilliseconds: 10, port: machine.port });
const upgrade = (operation = testOperation(), timeoutSeconds = 60) =>
  upgradeMachine({ target, identity, wanted, timeoutSeconds }, before, operation, pace());

/** A sequence event with an error, as the Events stream has it. */
function failedSequence(message: string): object {
  const error = lengthDelimited(2, message);
  const value = Buffer.concat([lengthDelimited(1, 'upgrade'), Buffer.from([(3 << 3) | 2, error.length]), error]);
  return { actorId: 'actor', data: { type_url: 'talos/runtime/machine.SequenceEvent', value } };
}

test('reads what a machine runs', () => {
  expect(before).toEqual({
    version: 'v1.11.2',
    architecture: 'amd64',
    platform: 'metal',
    schematic: a,
    secureBoot: false,
    bootId: 'one',
    stage: 'running',
    unmet: '',
  });
});

describe('upgrading a machine', () => {
  test('waits for another boot, the stage, readiness, the version and the schematic', async () => {
    const operation = testOperation();
    const booted: Report = { ...running, boot: 'two', version: 'v1.11.6', schematic: b };
    upgraded = () =>
      reportFromNow(
        { ...running, stage: 'upgrading' },
        { ...booted, stage: 'booting' },
        { ...booted, unmet: [{ name: 'nodeReady', reason: 'node is not ready' }] },
        booted,
      );
    expect(await upgrade(operation)).toMatchObject({ version: 'v1.11.6', schematic: b, bootId: 'two' });
    expect(machine.requests('Upgrade')).toMatchObject([{ image: wanted.image, stage: false, force: false }]);
    const where = 'infra-02 (10.25.11.12, dialled at 127.0.0.1)';
    expect(operation.lines).toEqual([
      'infra-02 is being upgraded to Talos v1.11.6 with schematic bbbbbbbbbbbb…',
      `(${where} has not rebooted yet)`,
      `(${where} is booting)`,
      `(${where} is running (nodeReady: node is not ready))`,
    ]);
  });

  test('Talos refuses: the message says why', async () => {
    machine.answers['Upgrade'] = () => {
      throw refusal(grpc.status.UNKNOWN, 'error validating etcd for upgrade: etcd member count(2) is insufficient');
    };
    await expect(upgrade()).rejects.toThrow(
      `infra-02 (10.25.11.12, dialled at 127.0.0.1) refuses the upgrade to ${wanted.image}: UNKNOWN: error validating etcd for ` +
        'upgrade: etcd member count(2) is insufficient. It still runs Talos v1.11.2 with schematic aaaaaaaaaaaa….',
    );
  });

  test('an upgrade that was acknowledged, but not started', async () => {
    events = [failedSequence('sequence not started: locked')];
    await expect(upgrade()).rejects.toThrow(
      `infra-02 (10.25.11.12, dialled at 127.0.0.1) did not carry out the upgrade to ${wanted.image}: sequence not started: locked. ` +
        'No other machine was changed. Look at its console, or `talosctl dmesg --nodes 10.25.11.12`; then run `pulumi up` to try ' +
        'again, or set TALOS_VERSION and the schematic to what it runs.',
    );
  });

  test('a machine that comes back with the old system', async () => {
    upgraded = () => reportFromNow({ ...running, boot: 'three' });
    await expect(upgrade()).rejects.toThrow(
      'infra-02 (10.25.11.12, dialled at 127.0.0.1) came back with Talos v1.11.2 with schematic aaaaaaaaaaaa… instead of Talos v1.11.6 ' +
        'with schematic bbbbbbbbbbbb…: the new system did not boot, and Talos started the old one again (last event before: none). ' +
        'No other machine was changed.',
    );
  });

  test('the version is right, but not the schematic: also the old system', async () => {
    upgraded = () => reportFromNow({ ...running, boot: 'two', version: 'v1.11.6' });
    await expect(upgrade()).rejects.toThrow('came back with Talos v1.11.6 with schematic aaaaaaaaaaaa… instead of');
  });

  test('a machine that does not come back: bounded, with the last state and event', async () => {
    upgraded = () => void setTimeout(() => machine.stop(), 20);
    await expect(upgrade(testOperation(), 0.5)).rejects.toThrow(
      /does not run Talos v1\.11\.6 with schematic bbbbbbbbbbbb… \d s after the upgrade was started: it does not answer \(.*\); last event: none\. No other machine was changed\./,
    );
  });
});

describe('waiting for a machine that an earlier run left upgrading', () => {
  const wait = (timeoutSeconds = 60, operation = testOperation()) =>
    waitUntilRunning({ target, identity, timeoutSeconds }, operation, pace());

  test('returns what it runs then', async () => {
    reportFromNow({ ...running, stage: 'upgrading' }, { ...running, version: 'v1.11.6' });
    const operation = testOperation();
    expect(await wait(60, operation)).toMatchObject({ version: 'v1.11.6' });
    expect(operation.lines).toEqual(['(infra-02 (10.25.11.12, dialled at 127.0.0.1) is upgrading)']);
  });

  test('is bounded', async () => {
    machine.stop();
    await expect(wait(0.1)).rejects.toThrow(
      /^infra-02 \(10\.25\.11\.12, dialled at 127\.0\.0\.1\) does not run after 0 s: it does not answer: UNAVAILABLE: .*\. Look at its console, and start it if it is off; if it is gone for good, mark its node with `leaving: true`\. Then run `pulumi up` again\. No other machine was changed\.$/,
    );
  });
});
