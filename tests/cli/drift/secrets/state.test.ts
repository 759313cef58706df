import { evaluateAges, recordedAges } from '../../../../cli/drift/secrets/ages';
import { evaluateSeeded, seededSecrets, withConnectToken } from '../../../../cli/drift/secrets/seededSecrets';
import { evaluateStored, storedFields } from '../../../../cli/drift/secrets/storedFields';
import type { ExportedState, StateResource } from '../../../../cli/stack/exportedState';
import type { Item } from '../../../../clients/onepassword/connectClient';
import { formatSecretsFile } from '../../../../clients/talos/secretsBundle';
import { secretAge } from '../../../../cluster/secretAges';
import { testSecrets } from '../../../clients/support/machineSecrets';

const secret = (value: unknown) => ({ '4dabf18193072939515e22adb298388d': 'x', plaintext: JSON.stringify(value) });
const resource = (type: string, name: string, outputs: object, inputs: object = {}): StateResource => ({
  ...{ type, urn: `urn:pulumi:east::k8s-gitops::k8s-gitops:a:B$${type}::${name}` },
  ...{ inputs: inputs as Record<string, unknown>, outputs: outputs as Record<string, unknown> },
});
const stateOf = (...resources: StateResource[]): ExportedState => ({ deployment: { resources } });
const item = (title: string, fields: Record<string, string>, id = 'i1'): Item => ({
  ...{ id, title, version: 1, createdAt: '2026-01-01T00:00:00Z' },
  fields: Object.entries(fields).map(([label, value]) => ({ label, value })),
});

describe('fields of the vault that the state has, too', () => {
  const webhook = resource('platform:index:GeneratedSecret', 'east-webhook-token', {
    ...{ title: 'kubernetes/east/flux', field: 'webhook-token', value: secret('generated') },
  });
  const tunnel = resource('platform:index:VaultItem', 'east-cloudflared', {
    ...{ title: 'kubernetes/east/cloudflared', fields: secret({ token: 'computed' }) },
  });
  const authority = resource('platform:index:GeneratedCertificateAuthority', 'east-cilium-ca', {
    ...{ title: 'kubernetes/shared/cilium-ca', certificate: 'certificate', privateKey: secret('key') },
  });
  const [stored] = storedFields(stateOf(webhook), 'east');
  if (stored === undefined) throw new Error('no field');
  const run = 'pulumi up --refresh --stack east';
  const base = {
    ...{ layer: 'secrets', owner: 'Pulumi', object: 'item kubernetes/east/flux' },
    explains: ['resource platform:index:GeneratedSecret east-webhook-token'],
  };

  test('are those of every resource, also of an older program', async () => {
    const { secrets: machineSecrets } = await testSecrets('east');
    const machines = resource('platform:index:MachineSecrets', 'east', {
      ...{ title: 'kubernetes/east/talos-secrets', field: 'secrets.yaml', machineSecrets: secret(machineSecrets) },
    });
    const fields = storedFields(stateOf(webhook, tunnel, authority, machines, resource('other:a:B', 'x', {})), 'east');
    expect(fields.map(({ resource: name, title, field }) => [name, title, field])).toEqual([
      ['resource platform:index:GeneratedSecret east-webhook-token', 'kubernetes/east/flux', 'webhook-token'],
      ['resource platform:index:GeneratedCertificateAuthority east-cilium-ca', 'kubernetes/shared/cilium-ca', 'ca.crt'],
      ['resource platform:index:GeneratedCertificateAuthority east-cilium-ca', 'kubernetes/shared/cilium-ca', 'ca.key'],
      ['resource platform:index:VaultItem east-cloudflared', 'kubernetes/east/cloudflared', 'token'],
      ['resource platform:index:MachineSecrets east', 'kubernetes/east/talos-secrets', 'secrets.yaml'],
    ]);
    const file = formatSecretsFile(machineSecrets);
    const values = ['generated', 'certificate', 'key', 'computed', file];
    expect(fields.map(({ matches }, at) => [matches(values[at] ?? ''), matches('other')])).toEqual(
      values.map(() => [true, false]),
    );
    expect(JSON.stringify(fields)).not.toContain('generated');
  });

  test('with the same value report nothing', () => {
    expect(
      evaluateStored(stored, [item('kubernetes/east/flux', { 'webhook-token': 'generated' })], 'v'),
    ).toBeUndefined();
  });

  test('with another value, or without one', () => {
    expect(evaluateStored(stored, [item('kubernetes/east/flux', { 'webhook-token': 'by hand' })], 'v')).toEqual({
      ...{ ...base, id: 'vault-field', field: 'webhook-token' },
      ...{ wanted: 'the value in the state', found: 'another value' },
      todo: `take the new value over (${run}), or restore the old one from the history of the item`,
    });
    expect(evaluateStored(stored, [item('kubernetes/east/flux', {})], 'v')).toEqual({
      ...{ ...base, id: 'vault-field', field: 'webhook-token', wanted: 'the value in the state' },
      todo: `have the program store it again: ${run}`,
    });
  });

  test('have a fix only where the state counts', () => {
    const fix = { describe: 'run it', run: () => Promise.resolve() };
    const fixOf = (of: StateResource, title: string, label: string) => {
      const [field] = storedFields(stateOf(of), 'east', fix);
      return field && evaluateStored(field, [item(title, { [label]: 'by hand' })], 'v')?.fix;
    };
    expect(fixOf(tunnel, 'kubernetes/east/cloudflared', 'token')).toBe(fix);
    expect(fixOf(webhook, 'kubernetes/east/flux', 'webhook-token')).toBeUndefined();
  });

  test('of an item that is missing, or exists twice', () => {
    expect(evaluateStored(stored, [], 'v')).toEqual({
      ...{ ...base, id: 'vault-item', why: 'is missing in the vault v' },
      todo: `have the program store it again: ${run}`,
    });
    const twice = ['i1', 'i2'].map((id) => item('kubernetes/east/flux', { 'webhook-token': 'generated' }, id));
    expect(evaluateStored(stored, twice, 'v')).toEqual({
      ...{ ...base, id: 'vault-item' },
      why: 'exists 2 times (i1 of 2026-01-01T00:00:00Z, i2 of 2026-01-01T00:00:00Z)',
      todo: 'delete all but one in the vault v',
    });
  });
});

describe('the Secrets that the program created', () => {
  const metadata = { name: 'connect-token', namespace: 'external-secrets' };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const state = stateOf(
    resource(
      'kubernetes:core/v1:Secret',
      'east-connect-token',
      {},
      { metadata, data: secret({ token: base64('old') }) },
    ),
  );
  const explains = ['resource kubernetes:core/v1:Secret east-connect-token', 'ClusterSecretStore vault'];
  const base = {
    ...{ id: 'seeded-secret', layer: 'secrets', owner: 'Pulumi', object: 'Secret external-secrets/connect-token' },
    todo: 'have the program write it again: pulumi up --refresh --stack east',
  };
  const evaluate = (seeded: ReturnType<typeof seededSecrets>, data?: Record<string, string>) =>
    seeded.flatMap((one) => evaluateSeeded(one, data, 'east', ['ClusterSecretStore vault']));

  test('that have the values of the state report nothing', () => {
    expect(evaluate(seededSecrets(state), { token: base64('old'), more: 'x' })).toEqual([]);
  });

  test('that are missing, lack a key or have another value', () => {
    expect(evaluate(seededSecrets(state))).toEqual([{ ...base, explains, why: 'does not exist' }]);
    const wanted = { field: 'data.token', wanted: 'the value of the state' };
    expect(evaluate(seededSecrets(state), {})).toEqual([{ ...base, explains, ...wanted }]);
    expect(evaluate(seededSecrets(state), { token: base64('new') })).toEqual([
      { ...base, explains, ...wanted, found: 'another value' },
    ]);
  });

  test('the Connect token is that of the configuration, with or without a state', () => {
    const seeded = withConnectToken(seededSecrets(state), 'connect-token', 'new');
    expect(evaluate(seeded, { token: base64('new') })).toEqual([]);
    expect(evaluate(seeded, { token: base64('old') })).toEqual([
      {
        ...{ ...base, explains, field: 'data.token', found: 'another value' },
        wanted: "the value of connectToken in the stack's configuration",
      },
    ]);
    expect(evaluate(withConnectToken([], 'connect-token', 'new'))).toEqual([
      { ...base, explains: ['ClusterSecretStore vault'], why: 'does not exist' },
    ]);
  });
});

describe('ages', () => {
  const now = new Date('2026-11-29T12:00:00Z');
  const evaluate = (name: string, ...age: [string?, string?]) =>
    evaluateAges({ [name]: secretAge('api-key', ...age) }, 'east', now);

  test('are in the outputs of the stack', () => {
    const ages = { connectToken: secretAge('bootstrap-token') };
    expect(recordedAges(stateOf(resource('pulumi:pulumi:Stack', 'k8s-gitops-east', { secretAges: ages })))).toEqual(
      ages,
    );
    expect(recordedAges(stateOf(resource('pulumi:pulumi:Stack', 'k8s-gitops-east', {})))).toBeUndefined();
    expect(recordedAges(stateOf())).toBeUndefined();
  });

  test('within the limit, or without one, report nothing', () => {
    expect(evaluate('kubernetes/east/flux webhook-token', '2026-09-01T00:00:00.000Z', '2026-12-31T00:00:00Z')).toEqual(
      [],
    );
    expect(evaluate('kubernetes/east/flux webhook-token')).toEqual([]);
  });

  test('over the limit of the category', () => {
    expect(evaluate('kubernetes/east/flux webhook-token', '2026-08-01T00:00:00.000Z')).toEqual([
      {
        ...{ id: 'secret-age', layer: 'secrets', owner: 'people' },
        ...{ object: 'item kubernetes/east/flux', field: 'webhook-token' },
        why: 'reached the maximum age of its category, api-key',
        ...{ wanted: 'at most 90 days old', found: 'made at 2026-08-01T00:00:00.000Z' },
        since: '2026-10-30T00:00:00.000Z',
        todo: 'rotate it as docs/secrets.md says',
      },
    ]);
  });

  test('near the end, once', () => {
    expect(evaluate('connectToken', '2026-08-01T00:00:00.000Z', '2026-12-05T12:00:00Z')).toEqual([
      {
        ...{ id: 'secret-expiry', layer: 'secrets', owner: 'people', object: 'token connectToken' },
        why: 'it expires at 2026-12-05T12:00:00.000Z, in 6 days',
        todo: 'create a new one and set it: pulumi config set --secret connectToken --stack east',
      },
    ]);
  });
});
