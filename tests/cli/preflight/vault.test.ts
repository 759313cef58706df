import { itemsNotAsked, evaluateConnect } from '../../../cli/preflight/vault/evaluateConnect';
import { shapeProblem } from '../../../cli/preflight/vault/fieldShapes';
import { evaluateItem } from '../../../cli/preflight/vault/evaluateItem';
import { type VaultNeed, vaultNeeds } from '../../../cli/preflight/vault/vaultNeeds';
import { managedFields } from '../../../cluster/vaultFields';
import type { Json, KubernetesObject } from '../../../gitops/kubernetesObject';
import type { Item } from '../../../clients/onepassword/connectClient';

const made = managedFields({ name: 'east', tsigItem: 'kubernetes/east/external-dns-rfc2136' });
const externalSecret = (spec: Json, kind = 'ExternalSecret'): KubernetesObject => {
  return { apiVersion: 'external-secrets.io/v1', kind, metadata: { name: 'one' }, spec };
};
const ref = (key: string, property?: string) => ({ remoteRef: { key, ...(property && { property }) } });

describe('what a cluster needs of the vault', () => {
  test('fields of ExternalSecrets, each once, by title', () => {
    const objects = [
      externalSecret({ data: [ref('b', 'y'), ref('b', 'x')] }),
      externalSecret({ data: [ref('a', 'field/z'), ref('b', 'x')] }),
    ];
    expect(vaultNeeds(objects, [])).toEqual([
      { title: 'a', whole: false, fields: [{ field: 'z', maker: 'person' }] },
      {
        title: 'b',
        whole: false,
        fields: [
          { field: 'x', maker: 'person' },
          { field: 'y', maker: 'person' },
        ],
      },
    ]);
  });

  test('without a property it is the password; a whole item and a file name no field', () => {
    const spec = { data: [ref('a'), ref('f', 'file/licence')], dataFrom: [{ extract: { key: 'b' } }] };
    expect(vaultNeeds([externalSecret(spec)], [])).toEqual([
      { title: 'a', whole: false, fields: [{ field: 'password', maker: 'person' }] },
      { title: 'b', whole: true, fields: [] },
      { title: 'f', whole: false, fields: [] },
    ]);
  });

  test('those that a ClusterExternalSecret makes count, objects of other groups do not', () => {
    const cluster = externalSecret({ externalSecretSpec: { data: [ref('a', 'x')] } }, 'ClusterExternalSecret');
    const foreign = { ...externalSecret({ data: [ref('b', 'x')] }), apiVersion: 'example.org/v1' };
    expect(vaultNeeds([cluster, foreign], []).map(({ title }) => title)).toEqual(['a']);
  });

  test('what the program makes or the cluster pushes is not asked of people', () => {
    const pushed = { data: [{ match: { secretKey: 'k', remoteRef: { remoteKey: 'p', property: 'x' } } }] };
    const objects = [externalSecret(pushed, 'PushSecret'), externalSecret({ data: [ref('p', 'x'), ref('m', 'x')] })];
    expect(vaultNeeds(objects, [{ title: 'm', field: 'x', category: 'api-key' }])).toEqual([
      { title: 'm', whole: false, fields: [{ field: 'x', maker: 'program' }] },
      { title: 'p', whole: false, fields: [{ field: 'x', maker: 'cluster' }] },
    ]);
  });
});

describe('the line of an item', () => {
  const need = (fields: VaultNeed['fields'], whole = false): VaultNeed => ({ title: 't', whole, fields });
  const byPerson = need([{ field: 'token', maker: 'person' }]);
  const item = (fields: Record<string, string>, id = 'i1'): Item => ({
    id,
    title: 't',
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    fields: Object.entries(fields).map(([label, value]) => ({ label, value })),
  });
  const judge = (wanted: VaultNeed, ...found: Item[]) => {
    const { state, why, fix } = evaluateItem(wanted, found, 'k8s-gitops', made);
    return [state, why, fix];
  };

  test('there', () => {
    expect(evaluateItem(byPerson, [item({ token: 'x' })], 'k8s-gitops', made)).toEqual({
      id: 'item:t',
      what: '1Password item t',
      state: 'ok',
      why: 'field token',
      fix: '',
    });
  });

  test('missing', () => {
    expect(judge(byPerson)).toEqual(['failed', 'is missing', 'create it in the vault k8s-gitops with field token']);
    expect(judge(need([], true))).toEqual(['failed', 'is missing', 'create it in the vault k8s-gitops']);
  });

  test('missing, but made by others', () => {
    expect(judge(need([{ field: 'x', maker: 'program' }]))).toEqual(['ok', 'not there yet: `up` makes it', '']);
    expect(judge(need([{ field: 'x', maker: 'cluster' }]))).toEqual(['ok', 'not there yet: the cluster makes it', '']);
  });

  test('a field missing, empty, twice, or with blanks around it', () => {
    expect(judge(byPerson, item({ other: 'x' }))).toEqual(['failed', 'field token is missing', 'add the field token']);
    expect(judge(byPerson, item({ token: ' ' }))).toEqual([
      'failed',
      'field token is empty',
      'correct the field token',
    ]);
    const twice = item({ token: 'x' });
    twice.fields?.push({ label: 'token', value: 'y' });
    expect(judge(byPerson, twice)).toEqual([
      'failed',
      'field token is there 2 times',
      'delete all but one field token',
    ]);
    expect(judge(byPerson, item({ token: 'secret\n' }))).toEqual([
      'failed',
      'field token has blanks or line breaks around its value',
      'correct the field token',
    ]);
  });

  test('two items of one title', () => {
    expect(judge(byPerson, item({ token: 'x' }), item({ token: 'x' }, 'i2'))).toEqual([
      'failed',
      'is there 2 times (i1 of 2026-01-01T00:00:00Z, i2 of 2026-01-01T00:00:00Z)',
      'delete all but one in the vault k8s-gitops',
    ]);
  });

  test('what the program makes may be absent beside what people put there', () => {
    const both = need([...byPerson.fields, { field: 'made', maker: 'program' }]);
    expect(judge(both, item({ token: 'x' }))).toEqual(['ok', 'field token; not there yet: field made', '']);
    expect(judge(both, item({ token: 'x', made: '' }))).toEqual([
      'failed',
      'field made is empty',
      'remove the field made: `up` makes it',
    ]);
  });

  test('all of an item is read: it must have something', () => {
    expect(judge(need([], true), item({ a: 'x' }))).toEqual(['ok', 'is there', '']);
    expect(judge(need([], true), item({ a: '' }))).toEqual([
      'failed',
      'has no field with a value',
      'add its fields in the vault k8s-gitops',
    ]);
  });
});

describe('the shape of a field', () => {
  const base64 = (length: number) => Buffer.alloc(length, 1).toString('base64');
  const tunnelToken = Buffer.from(JSON.stringify({ a: 'account', t: 'tunnel', s: base64(32) })).toString('base64');
  const pem = '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n';
  const talosconfig = 'context: east\ncontexts:\n  east: { ca: Y2E=, crt: Y3J0, key: a2V5 }\n';

  test.each([
    ['ciliumCa', pem, 'private key in PEM', 'private key in PEM'],
    ['tunnelSecret', base64(32), base64(31), 'base64 of 32 bytes or more'],
    ['tunnelToken', tunnelToken, base64(32), 'token of a tunnel'],
    ['certManagerToken', 'a'.repeat(40), 'a'.repeat(39), 'API token of Cloudflare'],
    ['externalDnsToken', 'a_-B'.repeat(10), 'a b'.repeat(20), 'API token of Cloudflare'],
    ['tsigSecret', base64(32), 'not base64!', 'base64'],
    ['kubeconfig', 'apiVersion: v1\nkind: Config\n', 'kind: [', 'kubeconfig'],
    ['talosconfig', talosconfig, 'context: west', 'talosconfig'],
  ] as const)('of %s', (name, good, bad, expected) => {
    const { title, field } = made[name];
    expect(shapeProblem(title, field, good, made)).toBeUndefined();
    expect(shapeProblem(title, field, bad, made)).toBe(`is no ${expected}`);
    expect(shapeProblem(title, 'another field', bad, made)).toBeUndefined();
  });

  test('texts of several lines may end as they like', () => {
    expect(shapeProblem('t', 'f', pem, made)).toBeUndefined();
    expect(shapeProblem('t', 'f', 'a: 1\nb: 2\n', made)).toBeUndefined();
  });
});

describe('the lines of Connect', () => {
  const show = (...problems: Parameters<typeof evaluateConnect>[0]) =>
    evaluateConnect(problems, 'k8s-gitops').map(({ id, state, why, fix }) => [id, state, why, fix]);
  const reads = { token: 'connectToken' as const, why: 'why', fix: 'fix' };
  const writes = { ...reads, token: 'connectWriteToken' as const };

  test('both tokens will do', () => {
    expect(show()).toEqual([
      ['connect:read-token', 'ok', 'accepted', ''],
      ['connect:write-token', 'ok', 'accepted', ''],
      ['connect:vault', 'ok', 'is there', ''],
    ]);
  });

  test('one token is refused: one red line', () => {
    expect(show({ ...reads, kind: 'token' })).toEqual([
      ['connect:read-token', 'failed', 'why', 'fix'],
      ['connect:write-token', 'ok', 'accepted', ''],
      ['connect:vault', 'ok', 'is there', ''],
    ]);
  });

  test("one token does not see the vault: one red line, the token's", () => {
    expect(show({ ...writes, kind: 'no-vault' }).map(([id, state]) => [id, state])).toEqual([
      ['connect:read-token', 'ok'],
      ['connect:write-token', 'failed'],
      ['connect:vault', 'ok'],
    ]);
  });

  test("neither sees it: one red line, the vault's", () => {
    expect(show({ ...reads, kind: 'no-vault' }, { ...writes, kind: 'no-vault' })).toEqual([
      ['connect:read-token', 'ok', 'accepted', ''],
      ['connect:write-token', 'ok', 'accepted', ''],
      [
        'connect:vault',
        'failed',
        'neither token sees it',
        'correct ONEPASSWORD_VAULT in the cluster settings, or give both tokens access to that vault',
      ],
    ]);
  });

  test('both are refused: nothing is said of the vault', () => {
    expect(show({ ...reads, kind: 'token' }, { ...writes, kind: 'token' })[2]).toEqual([
      'connect:vault',
      'skipped',
      'no token to ask with',
      '',
    ]);
  });

  test('items are not asked for where Connect, the reading token or the vault is red', () => {
    const need: VaultNeed = { title: 't', whole: false, fields: [] };
    const lines = evaluateConnect([{ ...reads, kind: 'token' }], 'k8s-gitops');
    expect(itemsNotAsked(lines, [need])).toEqual([
      {
        id: 'item:t',
        what: '1Password item t',
        state: 'skipped',
        why: 'because of: 1Password token that reads (connectToken)',
        fix: '',
      },
    ]);
    expect(itemsNotAsked(evaluateConnect([{ ...writes, kind: 'token' }], 'k8s-gitops'), [need])).toBeUndefined();
  });
});
