import * as fs from 'node:fs';
import * as path from 'node:path';
import { findMarked } from '../../lab/executor/marker';
import { listListeners } from '../../lab/ports';
import type { ScanResult } from '../../lab/scan/scanLab';
import { readState } from '../../lab/state';
import { listStacks } from '../../cluster/stackFile';
import { restored } from './base';
import { Checkout, until } from './checkout';
import { requiredStack, zoneOwner } from './chosenStack';
import { digest, inventory } from './inventory';
import { externalSecrets, secretData, type Secret } from './sharedSecrets';

// A restored lab. The tests run in this order and depend on each other: the last ones destroy the stacks and stop the lab.
const minute = 60_000;
const checkout = new Checkout('secrets');
const stacks = listStacks(checkout.root);
/** The stack that owns the zone. */
const owner = requiredStack(zoneOwner(checkout.root), 'the zone');
const label = '2026-01-31';

interface Pod {
  metadata: { name: string; namespace: string; uid: string };
}

interface CloudflareState {
  accounts: { tunnels: { name: string; id: string; secret: string; deleted_at?: string | null }[] }[];
  zones: { name: string; records: { name: string }[]; settings: Record<string, { value: string }> }[];
  tokens: { name: string }[];
}

interface VaultState {
  vaults: { items: { title: string; fields?: { label?: string; value?: string }[] }[] }[];
}

beforeAll(() => restored(checkout), 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

const readJson = <T>(...segments: string[]): T =>
  JSON.parse(fs.readFileSync(path.join(checkout.labDir, ...segments), 'utf8')) as T;
const cloudflare = (): CloudflareState => readJson('cloudflare', 'state.json');
const tunnels = () =>
  cloudflare().accounts.flatMap((account) => account.tunnels.filter((tunnel) => !tunnel.deleted_at));
const items = () => readJson<VaultState>('connect', 'vaults.json').vaults.flatMap((vault) => vault.items);
const fieldOf = (title: string, field: string): string =>
  items()
    .find((item) => item.title === title)
    ?.fields?.find(({ label: fieldLabel }) => fieldLabel === field)?.value ?? '';
const up = (stack: string, ...flags: string[]): Promise<string> =>
  checkout.must('pulumi', 'up', '--yes', '--skip-preview', '--stack', stack, ...flags);
const changesNothing = async (): Promise<void> => {
  await Promise.all(stacks.map((stack) => up(stack, '--expect-no-changes')));
};
const rotate = (stack: string, what: string): Promise<string> =>
  checkout.must('pulumi', 'config', 'set', '--path', `rotations.${what}`, label, '--stack', stack);
const pods = async (stack: string): Promise<string[]> =>
  (await checkout.get<Pod>(stack, 'pods', '-A'))
    .map(({ metadata: { namespace, name, uid } }) => `${namespace}/${name} ${uid}`)
    .sort();
const refreshed = async (stack: string, namespace: string, name: string): Promise<string> =>
  (await externalSecrets(checkout, stack)).find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  )?.status?.refreshTime ?? '';
const forceSync = async (stack: string, namespace: string, name: string): Promise<void> => {
  const before = await refreshed(stack, namespace, name);
  await until('the clock has advanced', 5, () => new Date().toISOString().slice(0, 19) > before.slice(0, 19));
  const mark = `force-sync=${Date.now()}`;
  await checkout.must(
    'kubectl',
    '--cluster',
    stack,
    '-n',
    namespace,
    'annotate',
    'externalsecret',
    name,
    mark,
    '--overwrite',
  );
  await until(`${name} is synced again`, 60, async () => (await refreshed(stack, namespace, name)) > before);
};

test(
  'Secrets and ConfigMaps that a run adopts, as after a kill, or that were edited can still be changed',
  async () => {
    const seeded = (await checkout.resources(owner)).filter(({ type }) =>
      /^kubernetes:core\/v1:(Secret|Con)/.test(type),
    );
    expect(seeded).toHaveLength(3);
    await checkout.editState(owner, (resources) =>
      resources.filter(({ urn }) => !seeded.some((one) => one.urn === urn)),
    );
    expect(await up(owner)).toMatch(/\+ 3 created/);

    const edit = ['kubectl', '--cluster', owner, '-n', 'kube-system', 'patch', 'secret', 'cilium-ca', '--type=merge'];
    await checkout.must(...edit, '--field-manager=someone', '-p', '{"data":{"ca.crt":"Ynk="}}');
    await up(owner, '--refresh');
    const data = await secretData(checkout, owner, 'kube-system', 'cilium-ca');
    expect(Buffer.from(data['ca.crt'] ?? '', 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE/);
    // The rotations below change all three.
    await changesNothing();
  },
  10 * minute,
);

test(
  'a tunnel that a killed run made is adopted: same id, and nothing else changes',
  async () => {
    const name = `k8s-gitops-${owner}`;
    const before = tunnels().filter((tunnel) => tunnel.name === name);
    await checkout.editState(owner, (resources) => resources.filter(({ type }) => type !== 'platform:index:Tunnel'));
    const output = await up(owner);
    expect(output).toMatch(/adopted tunnel/);
    expect(output.slice(output.lastIndexOf('Resources:'))).toMatch(/^Resources:\n +\+ 1 created\n +\d+ unchanged\n/);
    expect(tunnels().filter((tunnel) => tunnel.name === name)).toEqual(before);
    await changesNothing();
  },
  10 * minute,
);

test(
  'an item with another title: its value travels, preview says so, and the old copy goes',
  async () => {
    const [from, to] = [`kubernetes/${owner}/external-dns-rfc2136`, `kubernetes/${owner}/moved`];
    const value = fieldOf(from, 'tsig-secret');
    expect(value).not.toBe('');
    const file = path.join(checkout.root, 'kubernetes', 'clusters', owner, 'cluster-settings.yaml');
    const settings = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, settings.replace(from, to));
    expect(await checkout.must('pulumi', 'preview', '--stack', owner)).toMatch(/~ 1 to update/);
    await up(owner);
    expect(fieldOf(to, 'tsig-secret')).toBe(value);
    expect(items().map(({ title }) => title)).not.toContain(from);
    fs.writeFileSync(file, settings);
    await up(owner);
    expect(fieldOf(from, 'tsig-secret')).toBe(value);
    expect(items().map(({ title }) => title)).not.toContain(to);
    await changesNothing();
  },
  10 * minute,
);

test(
  'new Connect token: after one `up`, external-secrets uses it; nothing restarts',
  async () => {
    const before = await pods(owner);
    const token = (await checkout.must('token', '--vault', 'k8s-gitops', '--access', 'read')).trim();
    await checkout.must('pulumi', 'config', 'set', '--secret', '--stack', owner, 'connectToken', '--', token);
    const output = await up(owner);
    expect(output.slice(output.lastIndexOf('Resources:'))).toMatch(/~ 1 updated/);
    const seeded = await secretData(checkout, owner, 'external-secrets', 'onepassword-connect-token');
    expect(Buffer.from(seeded.token ?? '', 'base64').toString()).toBe(token);
    await forceSync(owner, 'networking', 'cloudflared');
    expect(await pods(owner)).toEqual(before);
    await changesNothing();
  },
  10 * minute,
);

test(
  'new tunnel secret: same tunnel, same hostnames; only cloudflared restarts, on request',
  async () => {
    const [before, ...others] = [owner, ...stacks.filter((stack) => stack !== owner)].map((stack) =>
      tunnels().find(({ name }) => name === `k8s-gitops-${stack}`),
    );
    const running = await pods(owner);
    await rotate(owner, 'tunnel');
    await up(owner);
    const after = tunnels().find(({ name }) => name === `k8s-gitops-${owner}`);
    expect(after?.id).toBe(before?.id);
    expect(digest(after?.secret)).not.toBe(digest(before?.secret));
    for (const other of others) expect(tunnels()).toContainEqual(other);
    await forceSync(owner, 'networking', 'cloudflared');
    const { token = '' } = await secretData(checkout, owner, 'networking', 'cloudflared');
    const credentials = JSON.parse(Buffer.from(Buffer.from(token, 'base64').toString(), 'base64').toString()) as {
      s: string;
    };
    expect(digest(credentials.s)).toBe(digest(after?.secret));
    expect(await pods(owner)).toEqual(running);
    await changesNothing();

    const rollout = ['kubectl', '--cluster', owner, '-n', 'networking', 'rollout'];
    const asFlux = '--field-manager=flux-client-side-apply';
    await checkout.must(...rollout, 'restart', 'deployment/cloudflared', asFlux);
    await checkout.must(...rollout, 'status', 'deployment/cloudflared', '--timeout=3m');
    const left = (all: string[]): string[] => all.filter((pod) => !pod.startsWith('networking/cloudflared-'));
    await until('the old pods are gone', 120, async () => (await pods(owner)).length === running.length);
    expect(left(await pods(owner))).toEqual(left(running));
  },
  10 * minute,
);

test(
  'new CA: all clusters have the same new one and still trust the previous one; nothing restarts',
  async () => {
    const before = await Promise.all(stacks.map(pods));
    const [old] = await Promise.all(stacks.map((stack) => secretData(checkout, stack, 'kube-system', 'cilium-ca')));
    for (const stack of stacks) await rotate(stack, 'ciliumCa');
    await Promise.all(stacks.map((stack) => up(stack)));
    const now = await Promise.all(stacks.map((stack) => secretData(checkout, stack, 'kube-system', 'cilium-ca')));
    expect(new Set(now.map((data) => data['ca.crt'])).size).toBe(1);
    expect(new Set(now.map((data) => digest(data['ca.key']))).size).toBe(1);
    const [certificate, previous] = [now[0], old].map((data) =>
      Buffer.from(data?.['ca.crt'] ?? '', 'base64').toString(),
    );
    expect(certificate).not.toBe(previous);
    for (const stack of stacks) {
      expect((await secretData(checkout, stack, 'kube-system', 'cilium-root-ca.crt'))['ca.crt']).toBe(
        `${certificate}${previous}`,
      );
    }
    expect(await Promise.all(stacks.map(pods))).toEqual(before);
    await changesNothing();
  },
  10 * minute,
);

test(
  'secrets are only in their stores, except for a planted one, which is found',
  async () => {
    const planted = path.join(checkout.labDir, 'logs', 'planted.log');
    const kubeconfig = fieldOf(`kubernetes/${owner}/kubeconfig`, 'kubeconfig');
    const key = /client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? '';
    const token = fieldOf(`kubernetes/${owner}/cert-manager`, 'cloudflare-api-token');
    fs.writeFileSync(planted, `${encodeURIComponent(key)}\n${Buffer.from(`x${token}`).toString('base64')}\n`);
    const { code, stdout } = await checkout.lab('scan', '--json');
    fs.rmSync(planted);
    const scanned = JSON.parse(stdout) as ScanResult;
    const hits = scanned.hits.filter(({ place }) => place === planted);
    expect(code).toBe(1);
    expect(hits.map(({ form }) => form)).toEqual(expect.arrayContaining(['percent', 'base64']));
    expect(scanned.hits.filter((hit) => !hits.includes(hit))).toEqual([]);
    expect(scanned.open).toEqual([]);
    expect(scanned.secrets).toBeGreaterThan(0);
    expect(Object.keys(scanned.looked).sort()).toEqual([
      'command lines',
      'git',
      'lab',
      'pulumi',
      'temporary',
      'work tree',
    ]);
  },
  10 * minute,
);

test(
  'destroying a stack deletes its Cloudflare resources and leaves the others, the vault and the cluster alone',
  async () => {
    const others = stacks.filter((stack) => stack !== owner);
    const releases = async (): Promise<string[]> =>
      (await checkout.get<Secret>(owner, 'helmreleases', '-A')).map(({ metadata }) => metadata.name).sort();
    const [before, released, settings] = [
      await inventory(checkout, owner),
      await releases(),
      cloudflare().zones[0]?.settings,
    ];
    const human = items().find(({ title }) => title === 'kubernetes/shared/flux');
    await checkout.must('pulumi', 'destroy', '--yes', '--skip-preview', '--stack', owner);

    expect(tunnels().map(({ name }) => name)).toEqual(others.map((stack) => `k8s-gitops-${stack}`));
    const zone = cloudflare().zones[0];
    expect(zone?.records.map(({ name }) => name)).toEqual(others.map((stack) => `external-${stack}.${zone?.name}`));
    expect(zone?.settings).toEqual(settings);
    const users = ['cert-manager', 'external-dns'];
    const tokens = cloudflare().tokens.map(({ name }) => name);
    expect(tokens.filter((name) => name.startsWith('k8s-gitops ')).sort()).toEqual(
      others.flatMap((stack) => users.map((user) => `k8s-gitops ${stack} ${user}`)).sort(),
    );

    const titles = items().map(({ title }) => title);
    for (const gone of ['cloudflared', 'cloudflare-tunnel', 'cert-manager', 'external-dns-cloudflare']) {
      expect(titles).not.toContain(`kubernetes/${owner}/${gone}`);
      for (const stack of others) expect(titles).toContain(`kubernetes/${stack}/${gone}`);
    }
    for (const kept of ['kubeconfig', 'talosconfig', 'volsync', 'flux', 'external-dns-rfc2136']) {
      expect(titles).toContain(`kubernetes/${owner}/${kept}`);
    }
    expect(items()).toContainEqual(human);
    expect(await releases()).toEqual(released);
    expect(await inventory(checkout, owner)).toEqual(before);
  },
  10 * minute,
);

test(
  'destroy empties the other stacks and leaves the clusters alone',
  async () => {
    const before = await Promise.all(stacks.map((stack) => inventory(checkout, stack)));
    const others = stacks.filter((stack) => stack !== owner);
    await Promise.all(
      others.map((stack) => checkout.must('pulumi', 'destroy', '--yes', '--skip-preview', '--stack', stack)),
    );
    expect(await Promise.all(stacks.map((stack) => inventory(checkout, stack)))).toEqual(before);
  },
  20 * minute,
);

test(
  'down leaves no processes and no open ports',
  async () => {
    const state = readState(checkout.labDir);
    if (state === undefined) throw new Error('the lab has no state');
    await checkout.must('down');
    expect(findMarked(checkout.labDir)).toEqual([]);
    const ours = new Set(Object.values(state.ports));
    const open = listListeners().filter(
      ({ address, port }) => ours.has(port) || address.startsWith(`${state.prefix}.`),
    );
    expect(open).toEqual([]);
  },
  3 * minute,
);
