import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { PreflightResult } from '../../cli/preflight/print';
import type { LabSecrets } from '../../lab/context';
import { readState } from '../../lab/state';
import { listStacks } from '../../cluster/stackFile';
import { mintToken } from '../../lab/services/cloudflare/mintToken';
import { ConnectClient, type Item, type ItemField } from '../../clients/onepassword/connectClient';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { Checkout } from './checkout';
import { cloudflareAccount } from './chosenStack';

const minute = 60_000;
const checkout = new Checkout('preflight');
const stacks = listStacks(checkout.root);
const [stack = ''] = stacks;
const { SECRET_DOMAIN: zone = '', ONEPASSWORD_VAULT: vault = '' } = readClusterSettings(checkout.root, stack).values;
const item = 'kubernetes/shared/flux';

afterAll(() => checkout.remove(), 5 * minute);

const inLab = (...segments: string[]): string => path.join(checkout.labDir, ...segments);
const secrets = (): LabSecrets => JSON.parse(fs.readFileSync(inLab('secrets.json'), 'utf8')) as LabSecrets;
const port = (name: string): number => readState(checkout.labDir)?.ports[name] ?? 0;
const settingsFiles = stacks.map((name) =>
  path.join(checkout.root, `kubernetes/clusters/${name}/cluster-settings.yaml`),
);

/** Digest of everything a run could change: vaults, Cloudflare account (except last use of tokens), Pulumi's state. */
function stateDigest(): string {
  const cloudflare = fs
    .readFileSync(inLab('cloudflare', 'state.json'), 'utf8')
    .replace(/"last_used_on":"[^"]*",?/g, '');
  const stacksDir = inLab('pulumi', 'state', '.pulumi', 'stacks');
  const files = fs
    .readdirSync(stacksDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'));
  const state = files.sort().map((name) => fs.readFileSync(path.join(stacksDir, name), 'utf8'));
  const vaults = fs.readFileSync(inLab('connect', 'vaults.json'), 'utf8');
  return createHash('sha256')
    .update([cloudflare, vaults, ...state].join('\n'))
    .digest('hex');
}

async function preflight(): Promise<{ code: number | null; result: PreflightResult; text: string }> {
  const { code, stdout, stderr } = await checkout.lab('preflight', '--stack', stack, '--json');
  return { code, result: JSON.parse(stdout) as PreflightResult, text: stdout + stderr };
}

async function inVault<T>(work: (client: ConnectClient, vaultId: string) => Promise<T>): Promise<T> {
  const host = `http://127.0.0.1:${port('connect')}`;
  const client = new ConnectClient(host, secrets().connectWriteToken, new AbortController().signal);
  try {
    return await work(client, await client.vaultId(vault));
  } finally {
    await client.close();
  }
}

/** The current item. */
async function currentItem(client: ConnectClient, vaultId: string): Promise<Item> {
  const [now] = await client.itemsByTitle(vaultId, item);
  if (now === undefined) throw new Error(`the lab's vault has no item ${item}`);
  return now;
}

/** Replaces the item's fields; returns the undo. */
async function withFields(fields: ItemField[]): Promise<() => Promise<void>> {
  const set = (replacement: ItemField[]): Promise<ItemField[]> =>
    inVault(async (client, vaultId) => {
      const before = await currentItem(client, vaultId);
      await client.replaceFields(vaultId, before, replacement);
      return before.fields ?? [];
    });
  const before = await set(fields);
  return async () => void (await set(before));
}

async function withoutItem(): Promise<() => Promise<void>> {
  const before = await inVault(async (client, vaultId) => {
    const now = await currentItem(client, vaultId);
    await client.deleteItem(vaultId, now);
    return now;
  });
  return () => inVault(async (client, vaultId) => void (await client.createNote(vaultId, item, before.fields ?? [])));
}

/** Sets a secret of the stack to another value; returns the undo. */
async function withSecret(key: string, value: string, original: string): Promise<() => Promise<void>> {
  const set = async (text: string): Promise<void> =>
    // A token may begin with a dash.
    void (await checkout.must('pulumi', 'config', 'set', '--secret', '--stack', stack, key, '--', text));
  await set(value);
  return () => set(original);
}

function withSetting(key: string, value: string): () => Promise<void> {
  const before = settingsFiles.map((file) => fs.readFileSync(file, 'utf8'));
  settingsFiles.forEach((file, at) => {
    const changed = before[at]?.replace(new RegExp(`^  ${key}: .*$`, 'm'), `  ${key}: ${value}`) ?? '';
    expect(changed).not.toBe(before[at]);
    fs.writeFileSync(file, changed);
  });
  return () => {
    settingsFiles.forEach((file, at) => fs.writeFileSync(file, before[at] ?? ''));
    return Promise.resolve();
  };
}

const cloudflareToken = (without: string[]): Promise<string> =>
  mintToken({
    origin: `http://127.0.0.1:${port('cloudflare')}`,
    token: secrets().cloudflareApiToken,
    account: cloudflareAccount(checkout.root, stack),
    zone,
    without,
  });

interface Fault {
  fault: string;
  /** Injects the fault and returns the undo. */
  inject: () => Promise<() => Promise<void>> | (() => Promise<void>);
  /** The single failed check. */
  what: RegExp;
  why: RegExp;
  fix: RegExp;
}

const faults: Fault[] = [
  {
    fault: 'missing item',
    inject: withoutItem,
    what: /^1Password item kubernetes\/shared\/flux$/,
    why: /^is missing$/,
    fix: /^create it in the vault k8s-gitops with fields? /,
  },
  {
    fault: 'missing field',
    inject: () => withFields([{ label: 'something-else', value: 'x' }]),
    what: /^1Password item kubernetes\/shared\/flux$/,
    why: /field/,
    fix: /./,
  },
  {
    fault: 'wrong token',
    inject: () => withSecret('connectToken', 'not-a-token-at-all', secrets().connectReadToken),
    what: /^1Password read token/,
    why: /401 Invalid bearer token/,
    fix: /pulumi config set --secret connectToken/,
  },
  {
    fault: 'expired token',
    inject: async () => {
      const expires = ['--expires', new Date(Date.now() - 86_400_000).toISOString()];
      const token = await checkout.must('token', '--vault', 'k8s-gitops', '--access', 'read', ...expires);
      return withSecret('connectToken', token.trim(), secrets().connectReadToken);
    },
    what: /^1Password read token/,
    why: /^the token expired at /,
    fix: /pulumi config set --secret connectToken/,
  },
  {
    fault: 'wrong vault',
    inject: () => withSetting('ONEPASSWORD_VAULT', 'nowhere'),
    what: /^1Password vault nowhere$/,
    why: /neither token sees it/,
    fix: /ONEPASSWORD_VAULT/,
  },
  {
    fault: 'Cloudflare token without DNS:Edit',
    inject: async () =>
      withSecret('cloudflareApiToken', await cloudflareToken(['DNS Write']), secrets().cloudflareApiToken),
    what: /^Cloudflare permission Zone \/ DNS \/ Edit$/,
    why: /the token lacks it/,
    fix: /add Zone \/ DNS \/ Edit/,
  },
  {
    fault: 'unknown zone',
    inject: () => withSetting('SECRET_DOMAIN', 'example.net'),
    what: /^Cloudflare zone example\.net$/,
    why: /sees no zone example\.net/,
    fix: /SECRET_DOMAIN/,
  },
  {
    fault: 'Git branch missing',
    inject: () => withSetting('GIT_BRANCH', 'nowhere'),
    what: /^branch nowhere of /,
    why: /nowhere/,
    fix: /./,
  },
  {
    fault: 'node on the wrong Talos version',
    inject: async () => {
      const file = inLab('machines.json');
      const up = async (): Promise<void> => void (await checkout.must('up', '--services'));
      fs.writeFileSync(file, JSON.stringify({ [`${stack}-02`]: { talosVersion: 'v1.10.7' } }));
      await up();
      return async () => {
        fs.rmSync(file);
        await up();
      };
    },
    what: new RegExp(`^node ${stack}-02$`),
    why: /runs Talos v1\.10\.7, but TALOS_VERSION is v1\.11\.2/,
    fix: /boot it from the Talos v1\.11\.2 image/,
  },
  {
    fault: 'Connect down',
    inject: () => {
      const connect = readState(checkout.labDir)?.parts.find(({ name }) => name === 'connect');
      process.kill(connect?.pid ?? 0, 'SIGKILL');
      return async () => void (await checkout.must('up', '--services'));
    },
    what: /^1Password Connect https:/,
    why: /^(does not respond|returned \d+)/,
    fix: /start it/,
  },
];

test(
  'passes before anything exists',
  async () => {
    await checkout.must('up', '--services');
    const before = stateDigest();
    const { code, result, text } = await preflight();
    expect(result.results.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect({ code, ok: result.ok }).toEqual({ code: 0, ok: true });
    expect(stateDigest()).toBe(before);
    for (const secret of Object.values(secrets())) expect(text).not.toContain(secret);
  },
  20 * minute,
);

test.each(faults)(
  'exactly one check fails, with a fix: $fault',
  async ({ inject, what, why, fix }) => {
    const undo = await inject();
    try {
      const before = stateDigest();
      const { code, result, text } = await preflight();
      const failed = result.results.filter(({ state }) => state === 'failed');
      expect(failed).toEqual([
        {
          id: expect.any(String),
          what: expect.stringMatching(what),
          state: 'failed',
          why: expect.stringMatching(why),
          fix: expect.stringMatching(fix),
        },
      ]);
      expect({ code, ok: result.ok }).toEqual({ code: 1, ok: false });
      expect(stateDigest()).toBe(before);
      for (const secret of Object.values(secrets())) expect(text).not.toContain(secret);
    } finally {
      await undo();
    }
  },
  10 * minute,
);

test(
  'passes again, and a failure keeps `up` from changing anything',
  async () => {
    expect((await preflight()).code).toBe(0);
    const undo = await withoutItem();
    const before = stateDigest();
    // `up` itself fills in what people would enter into the vault, but not a token.
    const restoreToken = await withSecret('connectToken', 'not-a-token-at-all', secrets().connectReadToken);
    const { code, stderr } = await checkout.lab('up');
    expect(code).toBe(1);
    expect(stderr).toContain(`stack ${stack}: preflight failed, nothing was changed`);
    const state = JSON.parse(fs.readFileSync(inLab('cloudflare', 'state.json'), 'utf8')) as {
      accounts: { tunnels: unknown[] }[];
    };
    expect(state.accounts.flatMap(({ tunnels }) => tunnels)).toEqual([]);
    expect(before).not.toBe('');
    await restoreToken();
    await undo();
  },
  10 * minute,
);
