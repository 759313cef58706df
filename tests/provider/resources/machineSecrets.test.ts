import { formatSecretsFile, type MachineSecrets } from '../../../clients/talos/secretsBundle';
import { implement } from '../../../provider/engine/implementation';
import { diffInputs } from '../../../provider/engine/platformProvider';
import {
  machineSecrets,
  type MachineSecretsState,
  refuseOtherClusters,
} from '../../../provider/resources/machineSecrets';
import { FakeMachine } from '../../clients/support/fakeMachine';
import { testSecrets } from '../../clients/support/machineSecrets';
import { TestAuthority } from '../../clients/support/pki';
import { TestVault, tokens } from '../../clients/support/testVault';
import { testOperation } from '../support/operation';

const title = 'kubernetes/east/talos-secrets';
const field = 'secrets.yaml';
const where = `the machine secrets in field ${field} of item ${title} in vault k8s-gitops`;
let east: { secrets: MachineSecrets; authority: TestAuthority };
let other: { secrets: MachineSecrets; authority: TestAuthority };
beforeAll(async () => {
  east = await testSecrets('east');
  other = await testSecrets('other');
});

describe('machine secrets in a vault', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());
  const inputs = (change: object = {}) => ({
    ...vault.location,
    title,
    field,
    generated: east.secrets,
    talosVersion: 'v1.11.2',
    machines: [],
    ...change,
  });
  const create = async (change: object = {}, operation = testOperation()) =>
    (await machineSecrets.create(inputs(change), operation)).outputs;
  const update = (state: MachineSecretsState, change: object = {}) =>
    machineSecrets.update!(state, inputs(change), testOperation());

  test('those that were generated are stored there, in the format of talosctl', async () => {
    await vault.start();
    const operation = testOperation();
    const state = await create({}, operation);
    expect(state.machineSecrets).toEqual(east.secrets);
    expect(await vault.values(title)).toMatchObject({
      [field]: formatSecretsFile(east.secrets),
      'talos-version': 'v1.11.2',
    });
    expect(operation.lines).toContain(`stored ${where}`);
  });

  test('those in the vault count, whatever was generated: the state was lost, or the cluster is adopted', async () => {
    await vault.start([{ title, fields: { [field]: formatSecretsFile(east.secrets), 'talos-version': 'v1.10.0' } }]);
    const operation = testOperation();
    const state = await create({ generated: other.secrets, connectToken: tokens.reads }, operation);
    expect(state).toMatchObject({ machineSecrets: east.secrets, talosVersion: 'v1.10.0' });
    expect(operation.lines).toContain(`took ${where}`);
  });

  test('a field with something else is refused without quoting it', async () => {
    await vault.start([{ title, fields: { [field]: 'cluster: {id: hunter2}' } }]);
    await expect(create()).rejects.toThrow(
      `field ${field} of item ${title} in vault k8s-gitops is not a secrets.yaml of Talos: cluster.secret is missing, ` +
        'secrets is missing, trustdinfo is missing, certs is missing; see docs/recover.md',
    );
  });

  test('newly generated ones change nothing; another place does', async () => {
    await vault.start();
    const type = implement(machineSecrets);
    expect(diffInputs(type, inputs(), inputs({ generated: other.secrets, machines: [{ name: 'x' }] }))).toEqual({
      changes: false,
      replaces: [],
    });
    expect(diffInputs(type, inputs(), inputs({ title: 'x' }))).toEqual({ changes: true, replaces: [] });
  });

  test('a lost item is restored from the state', async () => {
    await vault.start();
    const state = await create();
    await vault.remove(title);
    const refreshed = await machineSecrets.read!(state, testOperation());
    expect(refreshed).toEqual({ ...state, stale: true });
    expect(await update(refreshed, { generated: other.secrets })).toEqual(state);
    expect((await vault.values(title))?.[field]).toBe(formatSecretsFile(east.secrets));
  });

  test('secrets of another cluster in the item are not taken over', async () => {
    await vault.start();
    const state = await create();
    await vault.write(title, field, formatSecretsFile(other.secrets));
    const refreshed = await machineSecrets.read!(state, testOperation());
    expect(refreshed.stale).toBe(true);
    await expect(update(refreshed)).rejects.toThrow(
      `${where} are not those of this cluster, which are in the stack's state; remove the field, and the next run stores ` +
        'them there again',
    );
  });

  test('they move with the item', async () => {
    await vault.start();
    const state = await create();
    const moved = await update(state, { title: 'kubernetes/east/moved' });
    expect(moved).toEqual({ ...state, title: 'kubernetes/east/moved' });
    expect((await vault.values('kubernetes/east/moved'))?.[field]).toBe(formatSecretsFile(east.secrets));
    expect(await vault.values(title)).toBeUndefined();
  });
});

describe('machines that belong to a cluster', () => {
  const node = '10.25.11.11';
  let machine: FakeMachine;
  afterEach(() => machine.stop());
  const start = async (authority: TestAuthority) =>
    (machine = await FakeMachine.start({
      cert: await authority.issue([node]),
      clientCa: authority.cert,
      answers: { Version: () => ({ messages: [{ version: { tag: 'v1.11.2' } }] }) },
    }));
  const refuse = (generated: MachineSecrets, stored?: MachineSecrets) =>
    refuseOtherClusters(
      {
        connectHost: '',
        connectToken: '',
        vault: 'k8s-gitops',
        title,
        field,
        generated,
        talosVersion: 'v1.11.2',
        machines: [{ name: 'east-01', node, endpoint: '127.0.0.1' }],
      },
      stored,
      testOperation(),
      machine.port,
    );

  test('of these secrets are right, wherever the secrets come from', async () => {
    await start(east.authority);
    await refuse(east.secrets);
    await refuse(other.secrets, east.secrets);
  });

  test('in maintenance or silent, they are accepted', async () => {
    machine = await FakeMachine.start({ cert: await (await TestAuthority.create('own')).issue([node]) });
    await refuse(east.secrets);
    machine.stop();
    await refuse(east.secrets);
  });

  test('whose secrets are lost are refused', async () => {
    await start(other.authority);
    await expect(refuse(east.secrets)).rejects.toThrow(
      "these machines belong to a cluster, and its secrets are neither in the stack's state nor in field secrets.yaml of item " +
        'kubernetes/east/talos-secrets in vault k8s-gitops: east-01 (10.25.11.11, dialled at 127.0.0.1). Nothing was changed. Restore the state ' +
        "(pulumi stack import), or put the cluster's secrets.yaml into that field (docs/recover.md), or reset them with their own " +
        'talosconfig: talosctl reset --nodes 10.25.11.11 --endpoints 10.25.11.11 --graceful=false --reboot ' +
        '--system-labels-to-wipe STATE --system-labels-to-wipe EPHEMERAL',
    );
  });

  test('whose secrets are in the state are refused while the vault has others', async () => {
    await start(east.authority);
    await expect(refuse(east.secrets, other.secrets)).rejects.toThrow(
      `${where} are not those of the machines, but those in the stack's state are: east-01 (10.25.11.11, dialled at 127.0.0.1). Nothing was ` +
        'changed. Remove the field, and the next run stores those of the state',
    );
  });

  test('of which neither the vault nor the state knows are refused', async () => {
    await start(await TestAuthority.create('third'));
    await expect(refuse(east.secrets, other.secrets)).rejects.toThrow(
      `these machines belong to another cluster, which does not have ${where}: east-01 (10.25.11.11, dialled at 127.0.0.1). Nothing was changed. ` +
        "Correct their addresses in the stack's nodes, or reset them with their own talosconfig: talosctl reset",
    );
  });
});
