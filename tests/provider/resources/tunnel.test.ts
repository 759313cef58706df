import { randomBytes } from 'node:crypto';
import { tunnel } from '../../../provider/resources/tunnel';
import { CloudflareLab, rootToken } from '../../services/cloudflareLab';
import { testOperation } from '../support/operation';

const newSecret = (): string => randomBytes(32).toString('base64');
const lab = new CloudflareLab();
let accountId: string;

beforeAll(async () => {
  await lab.start();
  process.env.CLOUDFLARE_BASE_URL = lab.baseUrl;
  accountId = lab.accountId('ours');
});
afterAll(async () => {
  delete process.env.CLOUDFLARE_BASE_URL;
  await lab.stop();
});

const inputs = (name: string, tunnelSecret = newSecret()) => ({ apiToken: rootToken, accountId, name, tunnelSecret });
const stored = (name: string) =>
  lab.state().accounts.flatMap(({ tunnels }) => tunnels.filter((one) => one.name === name));
const at = (id: string) => ({ ...testOperation(), id });

test('is created, updated, and deleted', async () => {
  const made = inputs('made');
  const { id, outputs } = await tunnel.create(made, testOperation());
  expect(outputs).toEqual(made);
  expect(stored('made')).toMatchObject([{ id, secret: made.tunnelSecret, config_src: 'local' }]);
  expect(await tunnel.exists!(made, at(id))).toBe(true);
  const changed = inputs('renamed');
  expect(await tunnel.update!(made, changed, at(id))).toEqual(changed);
  expect(stored('renamed')).toMatchObject([{ id, secret: changed.tunnelSecret }]);
  await tunnel.delete!(changed, at(id));
  expect(stored('renamed')).toMatchObject([{ id, deleted_at: expect.any(String) }]);
  await tunnel.delete!(changed, at(id));
});

test('one that a killed run made is adopted and gets the secret of this run', async () => {
  const { id } = await tunnel.create(inputs('orphan'), testOperation());
  const again = inputs('orphan');
  const operation = testOperation();
  expect((await tunnel.create(again, operation)).id).toBe(id);
  expect(stored('orphan')).toMatchObject([{ id, secret: again.tunnelSecret }]);
  expect(operation.lines).toEqual([
    `adopted tunnel orphan (${id}), which was not in the state, and sent it its secret`,
  ]);
});

test('one that was deleted no longer exists, though Cloudflare keeps it; its name is free', async () => {
  const state = inputs('gone');
  const { id } = await tunnel.create(state, testOperation());
  await tunnel.delete!(state, at(id));
  expect(await tunnel.exists!(state, at(id))).toBe(false);
  await expect(tunnel.update!(state, inputs('gone'), at(id))).rejects.toThrow(
    'tunnel gone was deleted in Cloudflare; create a new one: pulumi up --refresh',
  );
  const next = await tunnel.create(state, testOperation());
  expect(next.id).not.toBe(id);
  expect(stored('gone').map((one) => one.deleted_at === null)).toEqual([false, true]);
});

test('one that is configured in Cloudflare, or in another account, is left alone', async () => {
  await lab.call('POST', `/accounts/${accountId}/cfd_tunnel`, { name: 'dashboard', config_src: 'cloudflare' });
  await expect(tunnel.create(inputs('dashboard'), testOperation())).rejects.toThrow(
    'tunnel dashboard exists in Cloudflare and is configured there',
  );
  const state = inputs('here');
  const { id } = await tunnel.create(state, testOperation());
  await expect(tunnel.update!(state, { ...state, accountId: 'other' }, at(id))).rejects.toThrow(
    `tunnel here is in Cloudflare account ${accountId}, and a tunnel cannot move to another one`,
  );
});

test('a refusal says which permission is missing, and contains no token or secret', async () => {
  const state = { ...inputs('refused'), apiToken: 'none'.repeat(10) };
  const message = await tunnel.create(state, testOperation()).catch((error: Error) => error.message);
  expect(message).toMatch(
    /^Cloudflare refused GET of tunnel refused: 40[13] .*give cloudflareApiToken "Cloudflare Tunnel/,
  );
  expect(message).not.toContain(state.apiToken);
});
