import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { stackFileName } from '../../cluster/names';
import { readStackFile } from '../../cluster/stackFile';
import { clusterStack, type ClusterOutputs } from '../../stacks/cluster';
import { cloudflareAnswer } from '../../stacks/mocked/cloudflareAnswer';
import { record, type Recorder, type Registered, settled } from '../../stacks/mocked/recorder';

// Hoisted above the imports: a mocked run needs neither Helm nor valid tokens nor the renderer.
jest.mock('../../stacks/requireValid', () => ({ requireValid: () => Promise.resolve([]) }));
jest.mock('../../stacks/helm', () => ({ requireHelm: () => Promise.resolve() }));
jest.mock('../../stacks/credentials', () => ({
  ...jest.requireActual<object>('../../stacks/credentials'),
  requireCredentials: () => Promise.resolve(),
}));

/** The repository that describes the fixture stacks `east` and `west`. */
export const fixtureRoot = join(__dirname, '..', 'fixtures', 'stacks');

const project = 'k8s-gitops';

/** The outputs of each mocked resource in addition to its inputs. */
function state(type: string, name: string): Record<string, unknown> {
  const times = { startedAt: `${name} starts`, finishedAt: `${name} ends` };
  const client = { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' };
  const states: Record<string, Record<string, unknown>> = {
    'talos:machine/secrets:Secrets': {
      clientConfiguration: client,
      talosVersion: 'v1.11.2',
      machineSecrets: { cluster: { id: 'machine-id' } },
    },
    'platform:index:MachineSecrets': {
      machineSecrets: { cluster: { id: 'id in the vault' }, certs: { os: { cert: 'b3M=', key: 'b3M=' } } },
      talosVersion: 'v1.11.2',
    },
    'platform:index:TalosIdentity': { clientConfiguration: client },
    'talos:cluster/kubeconfig:Kubeconfig': {
      kubeconfigRaw: 'clusters: [{name: c, cluster: {server: "https://given:6443"}}]',
    },
    'platform:index:PhaseStart': { startedAt: `${name} starts` },
    'platform:index:EtcdBootstrap': { ...times, bootstrappedBy: 'this run' },
    'platform:index:CustomResourceDefinitions': { ...times, names: ['a.example.org'] },
    'platform:index:BootstrapRelease': { ...times, action: 'installed', revision: 1 },
    'platform:index:GeneratedCertificateAuthority': {
      certificate: 'CERT',
      privateKey: 'KEY',
      bundle: 'CERT and the one before',
    },
    'platform:index:GeneratedSecret': { value: `${name} value`, madeAt: 'then' },
    'cloudflare:index/apiToken:ApiToken': { value: `${name} value` },
    'platform:index:Handover': { revision: 'main@sha1:abc', phasesSeconds: { total: 1 }, finishedAt: 'end' },
  };
  return states[type] ?? {};
}

function call(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (token === 'talos:machine/getConfiguration:getConfiguration') {
    return { ...inputs, machineConfiguration: `${String(inputs.machineType)} configuration` };
  }
  if (token === 'talos:client/getConfiguration:getConfiguration') return { ...inputs, talosConfig: 'talosconfig' };
  const answer = cloudflareAnswer(token, inputs, (what) => what);
  if (answer === undefined) throw new Error(`unexpected call of ${token}`);
  return answer;
}

/** A stack file's configuration as the engine passes it on, with the tokens. */
export function engineConfigOf(stack: string, root = fixtureRoot): Record<string, string> {
  const { values } = readStackFile(join(root, stackFileName(stack)), project);
  return Object.fromEntries(
    Object.entries({
      ...values,
      connectToken: 'read token',
      connectWriteToken: 'write token',
      ...(values['cloudflare'] !== undefined && { cloudflareApiToken: 'cloudflare token' }),
    }).map(([key, value]) => [`${project}:${key}`, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** The result of a mocked run, with lookup functions. */
export interface StackRun {
  recorder: Recorder;
  outputs: ClusterOutputs;
  /** Every resource as `type name`, sorted. */
  graph: string[];
  /** The one resource of that type and name; throws if there is none. */
  find(type: string, name: string): Registered;
  /** The resources that a resource depends on, as `type name`, sorted. */
  dependenciesOf(resource: Registered): string[];
}

/** Builds a stack against mocks, with secrets of its own. In a preview of a new stack every output is unknown. */
export async function runMocked(
  stack: string,
  options: { root?: string; preview?: boolean; config?: Record<string, string>; secrets?: Record<string, string> } = {},
): Promise<StackRun> {
  const { root = fixtureRoot, preview, config = engineConfigOf(stack, root), secrets = {} } = options;
  const own = Object.fromEntries(Object.entries(secrets).map(([key, value]) => [`${project}:${key}`, value]));
  const recorder = await record({ project, stack, preview, state: preview ? undefined : state, call });
  pulumi.runtime.setAllConfig({ ...config, ...own }, [
    ...Object.keys(own),
    `${project}:connectToken`,
    `${project}:connectWriteToken`,
    `${project}:cloudflareApiToken`,
  ]);
  const outputs = await clusterStack(stack, { root });
  await settled();
  const label = ({ type, name }: Registered) => `${type} ${name}`;
  return {
    recorder,
    outputs,
    graph: recorder.resources.map(label).sort(),
    find(type, name) {
      const found = recorder.resources.find((resource) => resource.type === type && resource.name === name);
      if (found === undefined) throw new Error(`no ${type} ${name}`);
      return found;
    },
    dependenciesOf: ({ dependencies }) =>
      recorder.resources
        .filter(({ urn }) => dependencies.includes(urn))
        .map(label)
        .sort(),
  };
}

/** The value of a known output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

const roots: string[] = [];
afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true })));

/** The fixture stacks without some ExternalSecrets. */
export function withoutReaders(...names: string[]): string {
  const isLeftOut = (document: string) => names.some((name) => document.includes(`name: ${name}\n`));
  return withSecrets((documents) => documents.filter((document) => !isLeftOut(document)));
}

/** The fixture stacks with an ExternalSecret that reads these fields too, given as `<title> <field>`. */
export function withReaderOf(...fields: string[]): string {
  const data = fields.map((text) => {
    const [key, property] = text.split(' ');
    return { secretKey: property, remoteRef: { key, property } };
  });
  const metadata = { name: 'more', namespace: 'networking' };
  const object = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec: { data } };
  return withSecrets((documents) => [...documents, `${JSON.stringify(object)}\n`]);
}

function withSecrets(change: (documents: string[]) => string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-readers-'));
  roots.push(root);
  cpSync(fixtureRoot, root, { recursive: true });
  const file = join(root, 'kubernetes/infrastructure/external-services/secrets.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8').split('---\n')).join('---\n'));
  return root;
}
