import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { PreflightResult } from '../../cli/preflight/print';
import type { LabSecrets } from '../../lab/context';
import { readState } from '../../lab/state';
import { listStacks } from '../../lab/up/stackFiles';
import { mintToken } from '../../lab/services/cloudflare/mintToken';
import { ConnectClient, type Item, type ItemField } from '../../clients/onepassword/connectClient';
import { Checkout } from './checkout';

const minute = 60_000;
const checkout = new Checkout('preflight');
const stacks = listStacks(checkout.root);
const [stack = ''] = stacks;
const item = 'kubernetes/shared/flux';

afterAll(() => checkout.remove(), 5 * minute);

const inLab = (...segments: string[]): string => path.join(checkout.labDir, ...segments);
const secrets = (): LabSecrets => JSON.parse(fs.readFileSync(inLab('secrets.json'), 'utf8')) as LabSecrets;
const port = (part: string): number => readState(checkout.labDir)?.ports[part] ?? 0;
const settingsFiles = stacks.map((name) =>
  path.join(checkout.root, `kubernetes/clusters/${name}/cluster-settings.yaml`),
);

/** What the run could have changed: the vaults, the Cloudflare account but for when tokens were used, Pulumi's state. */
function world(): string {
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
    return await work(client, await client.vaultId('k8s-gitops'));
  } finally {
    await client.close();
  }
}

/** The item as it is now. */
async function theItem(client: ConnectClient, vaultId: string): Promise<Item> {
  const [now] = await client.itemsTitled(vaultId, item);
  if (now === undefined) throw new Error(`the lab's vault has no item ${item}`);
  return now;
}

/** Gives the item other fields; back again by what it returns. */
async function withFields(fields: ItemField[]): Promise<() => Promise<void>> {
  const set = (wanted: ItemField[]): Promise<ItemField[]> =>
    inVault(async (client, vaultId) => {
      const before = await theItem(client, vaultId);
      await client.replaceFields(vaultId, before, wanted);
      return before.fields ?? [];
    });
  const before = await set(fields);
  return async () => void (await set(before));
}

async function withoutItem(): Promise<() => Promise<void>> {
  const before = await inVault(async (client, vaultId) => {
    const now = await theItem(client, vaultId);
    await client.deleteItem(vaultId, now);
    return now;
  });
  return () => inVault(async (client, vaultId) => void (await client.createNote(vaultId, item, before.fields ?? [])));
}

/** Sets a secret of the stack to another value. */
async function withSecret(key: string, value: string, original: string): Promise<() => Promise<void>> {
  const set = async (text: string): Promise<void> =>
    void (await checkout.must('pulumi', 'config', 'set', '--secret', key, '--stack', stack, text));
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
    account: 'monosense',
    zone: 'monosense.io',
    without,
  });

interface Fault {
  fault: string;
  /** Makes it, and gives back what mends it. */
  inject: () => Promise<() => Promise<void>> | (() => Promise<void>);
  /** The one line that is red. */
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
    what: /^1Password token that reads/,
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
    what: /^1Password token that reads/,
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
      const up = async (): Promise<void> => void (await checkout.must('up', '--world'));
      fs.writeFileSync(file, JSON.stringify({ [`${stack}-02`]: { talosVersion: 'v1.10.7' } }));
      await up();
      return async () => {
        fs.rmSync(file);
        await up();
      };
    },
    what: new RegExp(`^node ${stack}-02$`),
    why: /runs Talos v1\.10\.7, where TALOS_VERSION is v1\.11\.2/,
    fix: /start it from the image of Talos v1\.11\.2/,
  },
  {
    fault: 'Connect down',
    inject: () => {
      const part = readState(checkout.labDir)?.parts.find(({ name }) => name === 'connect');
      process.kill(part?.pid ?? 0, 'SIGKILL');
      return async () => void (await checkout.must('up', '--world'));
    },
    what: /^1Password Connect https:/,
    why: /answer/,
    fix: /start it/,
  },
];

test(
  'is green before anything was made',
  async () => {
    await checkout.must('up', '--world');
    const before = world();
    const { code, result, text } = await preflight();
    expect(result.lines.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect({ code, ok: result.ok }).toEqual({ code: 0, ok: true });
    expect(world()).toBe(before);
    for (const secret of Object.values(secrets())) expect(text).not.toContain(secret);
  },
  20 * minute,
);

test.each(faults)(
  'exactly one line is red, with what to do: $fault',
  async ({ inject, what, why, fix }) => {
    const mend = await inject();
    try {
      const before = world();
      const { code, result, text } = await preflight();
      const red = result.lines.filter(({ state }) => state === 'failed');
      expect(red).toEqual([
        {
          id: expect.any(String),
          what: expect.stringMatching(what),
          state: 'failed',
          why: expect.stringMatching(why),
          fix: expect.stringMatching(fix),
        },
      ]);
      expect({ code, ok: result.ok }).toEqual({ code: 1, ok: false });
      expect(world()).toBe(before);
      for (const secret of Object.values(secrets())) expect(text).not.toContain(secret);
    } finally {
      await mend();
    }
  },
  10 * minute,
);

test(
  'and it is green again, while a red one keeps `up` from changing anything',
  async () => {
    expect((await preflight()).code).toBe(0);
    const mend = await withoutItem();
    const before = world();
    // `up` makes up what people would have put there; a token cannot be made up.
    const back = await withSecret('connectToken', 'not-a-token-at-all', secrets().connectReadToken);
    const { code, stderr } = await checkout.lab('up');
    expect(code).toBe(1);
    expect(stderr).toContain(`stack ${stack}: preflight is red, nothing was changed`);
    const state = JSON.parse(fs.readFileSync(inLab('cloudflare', 'state.json'), 'utf8')) as {
      accounts: { tunnels: unknown[] }[];
    };
    expect(state.accounts.flatMap(({ tunnels }) => tunnels)).toEqual([]);
    expect(before).not.toBe('');
    await back();
    await mend();
  },
  10 * minute,
);
