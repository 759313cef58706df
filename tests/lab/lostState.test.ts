import * as fs from 'node:fs';
import * as path from 'node:path';
import { restored } from './base';
import { Checkout, type StackResource } from './checkout';
import { requiredStack, rollableStack } from './chosenStack';
import { rolledStack } from './rolledStack';

// A restored lab whose stack loses its state. The tests run in this order and depend on each other.
const minute = 60_000;
const checkout = new Checkout('lost-state');
const stack = requiredStack(rollableStack(checkout.root), 'three control planes');
const lab = rolledStack(checkout, stack);
const { options, machines, bootIds, configurationOf, up, changesNothing } = lab;

beforeAll(async () => {
  await restored(checkout);
  await lab.open();
}, 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

/** What Cloudflare refuses to make twice, with its parents, stays: see docs/recover.md. */
const kept = ({ type }: StackResource): boolean =>
  /^(cloudflare:|pulumi:providers:(cloudflare|platform)|pulumi:pulumi:Stack|k8s-gitops:|platform:index:Tunnel)/.test(
    type,
  );
const loseState = () => checkout.editState(stack, (resources) => resources.filter(kept));
const configurations = () => Promise.all(machines().map(({ name }) => configurationOf(name)));

/** Deletes an item from the stand-in for 1Password, with the program's own token. */
async function deleteItem(title: string): Promise<void> {
  const { port } = JSON.parse(fs.readFileSync(path.join(checkout.labDir, 'config', 'connect.json'), 'utf8')) as {
    port: number;
  };
  const token = await checkout.must('pulumi', 'config', 'get', 'connectWriteToken', '--stack', stack);
  const call = async <T>(resource: string, method = 'GET'): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/${resource}`, {
      method,
      headers: { authorization: `Bearer ${token.trim()}` },
    });
    if (!response.ok) throw new Error(`${method} ${resource}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  const [vault] = await call<{ id: string }[]>('vaults');
  const items = await call<{ id: string; title: string }[]>(`vaults/${vault?.id}/items`);
  const item = items.find((candidate) => candidate.title === title);
  if (item === undefined) throw new Error(`the vault has no item ${title}`);
  await call(`vaults/${vault?.id}/items/${item.id}`, 'DELETE');
}

test(
  'an exported state is the whole stack again',
  async () => {
    const before = { boots: await bootIds(), configurations: await configurations() };
    const resources = (await checkout.resources(stack)).map(({ urn }) => urn);
    const file = path.join(checkout.root, 'exported.json');
    await checkout.must('pulumi', 'stack', 'export', '--stack', stack, '--file', file);
    await checkout.must('pulumi', 'stack', 'rm', '--stack', stack, '--yes', '--force', '--preserve-config');
    const gone = await checkout.lab('pulumi', 'stack', 'export', '--stack', stack);
    expect(gone.stderr).toContain(`no stack named '${stack}' found`);
    await checkout.must('pulumi', 'stack', 'init', stack);
    await checkout.must('pulumi', 'stack', 'import', '--stack', stack, '--file', file);
    fs.rmSync(file);
    expect((await checkout.resources(stack)).map(({ urn }) => urn)).toEqual(resources);
    await changesNothing();
    expect({ boots: await bootIds(), configurations: await configurations() }).toEqual(before);
  },
  20 * minute,
);

test(
  'without its state, up takes the machine secrets from the vault and changes nothing on the machines',
  async () => {
    const before = { boots: await bootIds(), configurations: await configurations() };
    await loseState();
    expect(await up()).toContain(
      `took the machine secrets in field secrets.yaml of item kubernetes/${stack}/talos-secrets`,
    );
    expect({ boots: await bootIds(), configurations: await configurations() }).toEqual(before);
    await changesNothing();
  },
  20 * minute,
);

test(
  'without state and vault, up is refused, because the machines belong to a cluster',
  async () => {
    const before = { boots: await bootIds(), configurations: await configurations() };
    await deleteItem(`kubernetes/${stack}/talos-secrets`);
    await loseState();
    const { code, stdout, stderr } = await checkout.lab('pulumi', 'up', '--yes', '--skip-preview', ...options);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("its secrets are neither in the stack's state nor in field secrets.yaml");
    expect({ boots: await bootIds(), configurations: await configurations() }).toEqual(before);
  },
  20 * minute,
);
