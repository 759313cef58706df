import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { isSecret, plain, secret, type Properties } from '../../lab/plugins/provider/properties';
import { KubernetesStandIn } from '../../lab/plugins/kubernetes/standIn';
import { FakeApiServer, kubeconfig } from './fakeApiServer';

const urn = (type: string, name = 'x'): string => `urn:pulumi:s::p::${type}::${name}`;
const namespaceUrn = urn('kubernetes:core/v1:Namespace');
const secretUrn = urn('kubernetes:core/v1:Secret');
const prune = 'kustomize.toolkit.fluxcd.io/prune';
const namespace: Properties = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'ns', annotations: { [prune]: 'disabled' } },
};
const token: Properties = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'tok', namespace: 'ns' },
  stringData: secret({ token: 'abc' }),
};
const namespacePath = '/api/v1/namespaces/ns';

describe('the stand-in for the Kubernetes provider', () => {
  let server: FakeApiServer;
  let config: string;
  let warnings: string[];

  beforeEach(async () => {
    server = new FakeApiServer();
    config = await server.start();
    warnings = [];
  });

  afterEach(() => server.stop());

  async function provider(settings: Record<string, string> = {}): Promise<KubernetesStandIn> {
    const standIn = new KubernetesStandIn();
    standIn.log = (severity, _urn, message) => warnings.push(`${severity}: ${message}`);
    const variables = { kubeconfig: config, ...settings };
    await standIn.configure(
      Object.fromEntries(Object.entries(variables).map(([key, value]) => [`kubernetes:config:${key}`, value])),
    );
    return standIn;
  }
  const check = (standIn: KubernetesStandIn, at: string, inputs: Properties): Properties =>
    standIn.check(at, {}, inputs, new Uint8Array([1]));

  test('creates an object by server-side apply with a unique field manager and stores it', async () => {
    const standIn = await provider();
    const { id, state } = await standIn.create(namespaceUrn, check(standIn, namespaceUrn, namespace), false);
    expect(id).toBe('ns');
    expect(state.__fieldManager).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
    expect(server.seen.at(-1)).toEqual({
      method: 'PATCH',
      path: namespacePath,
      query: { fieldManager: state.__fieldManager, force: 'false' },
    });
  });

  test('creating an existing object fails without upsertExistingObjects', async () => {
    server.objects.set(namespacePath, { metadata: { name: 'ns' } });
    const standIn = await provider();
    await expect(standIn.create(namespaceUrn, namespace, false)).rejects.toThrow(
      `resource "${namespaceUrn}" was not successfully created by the Kubernetes API server: namespaces "ns" already exists`,
    );
    // A preview returns the inputs.
    expect(await standIn.create(namespaceUrn, namespace, true)).toEqual({ id: '', state: namespace });
  });

  test('upsertExistingObjects adopts an existing object', async () => {
    server.objects.set(namespacePath, { metadata: { name: 'ns', labels: { theirs: 'yes' } } });
    const standIn = await provider({ upsertExistingObjects: 'true' });
    const { id } = await standIn.create(namespaceUrn, namespace, false);
    expect(id).toBe('ns');
    expect(server.objects.get(namespacePath)).toMatchObject({ metadata: { labels: { theirs: 'yes' } } });
  });

  test('setting a field of another manager fails, also in a preview, without the force annotation', async () => {
    server.objects.set(namespacePath, { metadata: { name: 'ns' } });
    server.own(namespacePath, `.metadata.annotations.${prune}`, 'kustomize-controller', 'enabled');
    const standIn = await provider({ upsertExistingObjects: 'true' });
    for (const preview of [false, true]) {
      await expect(standIn.create(namespaceUrn, namespace, preview)).rejects.toThrow(
        /Server-Side Apply field conflict: .* conflict with "kustomize-controller": \.metadata\.annotations\./,
      );
    }
    const forced = {
      ...namespace,
      metadata: { name: 'ns', annotations: { [prune]: 'disabled', 'pulumi.com/patchForce': 'true' } },
    };
    await standIn.create(namespaceUrn, forced, false);
    expect(server.seen.at(-1)?.query.force).toBe('true');
  });

  test('an adopted object keeps its first field manager: it can be changed only with enablePatchForce', async () => {
    server.objects.set(namespacePath, {});
    const inputs = (text: string) => ({ ...token, stringData: { token: text } });
    const options = { upsertExistingObjects: 'true', enableSecretMutable: 'true' };
    const first = await provider(options);
    await first.create(secretUrn, check(first, secretUrn, inputs('one')), false);
    // A run that was killed before it recorded the Secret: the next one creates it again, with another field manager.
    const second = await provider(options);
    const { state } = await second.create(secretUrn, check(second, secretUrn, inputs('one')), false);
    const rotated = check(second, secretUrn, inputs('two'));
    await expect(second.update(secretUrn, state, rotated, false)).rejects.toThrow(
      /conflict with "pulumi-kubernetes-[0-9a-f]{8}": \.data\.token/,
    );
    const forcing = await provider({ ...options, enablePatchForce: 'true' });
    const updated = await forcing.update(secretUrn, state, rotated, false);
    expect(plain(updated.data)).toEqual({ token: Buffer.from('two').toString('base64') });
  });

  test('stringData becomes data and is secret in inputs and state', async () => {
    server.objects.set(namespacePath, {});
    const standIn = await provider();
    const inputs = check(standIn, secretUrn, token);
    expect(inputs.stringData).toBeUndefined();
    expect(isSecret(inputs.data)).toBe(true);
    const { id, state } = await standIn.create(secretUrn, inputs, false);
    expect(id).toBe('ns/tok');
    expect(isSecret(state.data)).toBe(true);
    expect(plain(state.data)).toEqual({ token: 'YWJj' });
    const read = await standIn.read(secretUrn, 'ns/tok', state, inputs);
    expect([isSecret(read.inputs.data), isSecret(read.state.data)]).toEqual([true, true]);
  });

  test('labels added by others are not drift; a change to one of our fields is', async () => {
    const standIn = await provider();
    const inputs = check(standIn, namespaceUrn, namespace);
    const { state } = await standIn.create(namespaceUrn, inputs, false);
    const live = server.objects.get(namespacePath) as { metadata: Properties };
    live.metadata.labels = { 'kustomize.toolkit.fluxcd.io/name': 'namespaces' };
    const clean = await standIn.read(namespaceUrn, 'ns', state, inputs);
    expect(clean.inputs).toEqual(inputs);
    expect(standIn.diff(namespaceUrn, clean.state, clean.inputs, inputs).changed).toEqual([]);
    live.metadata.annotations = { [prune]: 'enabled' };
    const drifted = await standIn.read(namespaceUrn, 'ns', state, inputs);
    expect(standIn.diff(namespaceUrn, drifted.state, drifted.inputs, inputs)).toEqual({
      changed: [['metadata', 'annotations', prune]],
      replaces: [],
      deleteBeforeReplace: false,
    });
  });

  test('reads a missing object as deleted', async () => {
    const standIn = await provider();
    expect(await standIn.read(namespaceUrn, 'ns', {}, namespace)).toEqual({ id: '', inputs: {}, state: {} });
  });

  test('a change to the data of a Secret replaces it, unless Secrets are mutable', async () => {
    const state = { ...(plain(check(await provider(), secretUrn, token)) as Properties) };
    const news = { ...token, stringData: secret({ token: 'new' }) };
    const strict = await provider();
    expect(strict.diff(secretUrn, state, token, news)).toEqual({
      changed: [['data', 'token']],
      replaces: [['data', 'token']],
      deleteBeforeReplace: true,
    });
    const mutable = await provider({ enableSecretMutable: 'true' });
    expect(mutable.diff(secretUrn, state, token, news).replaces).toEqual([]);
  });

  test('a change to the data of a ConfigMap replaces it, unless ConfigMaps are mutable', async () => {
    const at = urn('kubernetes:core/v1:ConfigMap');
    const map = (text: string): Properties => ({ metadata: { name: 'ca', namespace: 'ns' }, data: { 'ca.crt': text } });
    const strict = await provider();
    await strict.create(namespaceUrn, namespace, false);
    const { id, state } = await strict.create(at, map('one'), false);
    expect(id).toBe('ns/ca');
    expect(state.data).toEqual({ 'ca.crt': 'one' });
    const changed = [['data', 'ca.crt']];
    expect(strict.diff(at, state, map('one'), map('one')).changed).toEqual([]);
    expect(strict.diff(at, state, map('one'), map('two'))).toMatchObject({ changed, replaces: changed });
    const mutable = await provider({ enableConfigMapMutable: 'true' });
    expect(mutable.diff(at, state, map('one'), map('two'))).toMatchObject({ changed, replaces: [] });
  });

  test('update uses the stored field manager', async () => {
    const standIn = await provider();
    const { state } = await standIn.create(namespaceUrn, namespace, false);
    await standIn.update(namespaceUrn, state, namespace, false);
    expect(server.seen.at(-1)?.query.fieldManager).toBe(state.__fieldManager);
  });

  test('deletes an object; a missing object is not an error', async () => {
    const standIn = await provider();
    await standIn.create(namespaceUrn, namespace, false);
    await standIn.delete(namespaceUrn, 'ns', 5);
    await standIn.delete(namespaceUrn, 'ns', 5);
    expect(server.objects.size).toBe(0);
  });

  test('a preview does not send unknown inputs', async () => {
    const standIn = await provider();
    const inputs = { ...namespace, metadata: { name: unknownValue } };
    expect(await standIn.create(namespaceUrn, inputs, true)).toEqual({ id: '', state: inputs });
    expect(server.seen.map(({ path }) => path)).toEqual(['/api']);
  });

  test('entirely unknown stringData stays unknown and secret', async () => {
    const standIn = await provider();
    const inputs = check(standIn, secretUrn, { ...token, stringData: secret(unknownValue) });
    expect(inputs.data).toEqual(secret(unknownValue));
  });

  test('names an object without a name, and keeps the name', async () => {
    const standIn = await provider();
    const inputs = check(standIn, urn('kubernetes:core/v1:Namespace', 'mine'), { metadata: {} });
    const { metadata } = inputs as { metadata: Properties };
    expect(metadata.name).toMatch(/^mine-[0-9a-f]{8}$/);
    const again = standIn.check(namespaceUrn, inputs, { metadata: {} }, new Uint8Array([9]));
    expect(again).toEqual(inputs);
  });

  test('rejects other kinds, naming them', async () => {
    const standIn = await provider();
    expect(() => check(standIn, urn('kubernetes:apps/v1:Deployment'), {})).toThrow(
      "the lab's stand-in for the Kubernetes provider does not support kubernetes:apps/v1:Deployment " +
        '(only kubernetes:core/v1:Namespace, kubernetes:core/v1:Secret, kubernetes:core/v1:ConfigMap); let Flux own that object, or run the lab with `--plugins official`',
    );
  });

  describe('when the cluster is unreachable', () => {
    const down = kubeconfig('http://127.0.0.1:1');
    const reason =
      'configured Kubernetes cluster is unreachable: unable to load schema information from the API server: ' +
      'the Kubernetes API at http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1';

    test('a preview returns the inputs and warns', async () => {
      const standIn = await provider({ kubeconfig: down });
      expect(await standIn.create(namespaceUrn, namespace, true)).toEqual({ id: '', state: namespace });
      expect(await standIn.update(namespaceUrn, {}, namespace, true)).toEqual(namespace);
      expect(warnings[0]).toBe(`warning: ${reason}; the preview shows the inputs only`);
    });

    test('create, update, read and delete fail; objects do not count as deleted', async () => {
      const standIn = await provider({ kubeconfig: down });
      await expect(standIn.create(namespaceUrn, namespace, false)).rejects.toThrow(reason);
      await expect(standIn.update(namespaceUrn, {}, namespace, false)).rejects.toThrow(reason);
      await expect(standIn.read(namespaceUrn, 'ns', {}, namespace)).rejects.toThrow(
        'failed to read resource state due to unreachable cluster',
      );
      await expect(standIn.delete(namespaceUrn, 'ns', 1)).rejects.toThrow(
        'configured Kubernetes cluster is unreachable',
      );
    });

    test('deleteUnreachable drops unreachable objects, dangerous as that is', async () => {
      const standIn = await provider({ kubeconfig: down, deleteUnreachable: 'true' });
      expect((await standIn.read(namespaceUrn, 'ns', {}, namespace)).id).toBe('');
      await standIn.delete(namespaceUrn, 'ns', 1);
    });

    test('a cluster that comes up later stays unreachable until the provider is configured again', async () => {
      const standIn = new KubernetesStandIn();
      await standIn.configure({ 'kubernetes:config:kubeconfig': down });
      await expect(standIn.create(namespaceUrn, namespace, false)).rejects.toThrow(reason);
      await standIn.configure({ 'kubernetes:config:kubeconfig': config });
      expect((await standIn.create(namespaceUrn, namespace, false)).id).toBe('ns');
    });
  });
});
