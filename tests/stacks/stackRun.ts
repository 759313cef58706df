import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { readStackFile } from '../../cluster/stackFile';
import type { ClusterOutputs } from '../../stacks/cluster';
import { runStack } from '../../stacks/runStack';
import { record, type Recorder, settled } from '../components/recorder';

const project = 'k8s-gitops';

/** What each resource of the mocked world answers beyond its inputs. */
function state(type: string, name: string): Record<string, unknown> {
  const times = { startedAt: `${name} starts`, finishedAt: `${name} ends` };
  const client = { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' };
  const states: Record<string, Record<string, unknown>> = {
    'talos:machine/secrets:Secrets': { clientConfiguration: client, machineSecrets: { cluster: { id: 'machine-id' } } },
    'talos:cluster/kubeconfig:Kubeconfig': {
      kubeconfigRaw: 'clusters: [{name: c, cluster: {server: "https://given:6443"}}]',
    },
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
  if (token === 'cloudflare:index/getAccounts:getAccounts') {
    return { ...inputs, results: [{ id: 'account-id', name: inputs.name }] };
  }
  if (token === 'cloudflare:index/getZones:getZones') {
    return { ...inputs, results: [{ id: 'zone-id', name: inputs.name }] };
  }
  if (token === 'cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList') {
    const group = (name: string, scope: string) => ({ id: `id of ${name}`, name, scopes: [scope] });
    const zone = 'com.cloudflare.api.account.zone';
    return { results: [group('DNS Write', zone), group('Zone Read', zone), group('Zone Read', 'another')] };
  }
  throw new Error(`unexpected call of ${token}`);
}

/** The configuration of a stack's own file as the engine gives it, with the tokens. */
export function engineConfigOf(stack: string): Record<string, string> {
  const { values } = readStackFile(join(__dirname, '..', '..', `Pulumi.${stack}.yaml`), project);
  return Object.fromEntries(
    Object.entries({
      ...values,
      connectToken: 'read token',
      connectWriteToken: 'write token',
      cloudflareApiToken: 'edge token',
    }).map(([key, value]) => [`${project}:${key}`, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Runs a stack of this repository in a mocked world; in a preview of a new stack that world answers nothing. */
export async function runMocked(
  stack: string,
  options: { preview?: boolean; config?: Record<string, string> } = {},
): Promise<{ recorder: Recorder; outputs: ClusterOutputs }> {
  const recorder = await record({
    project,
    stack,
    preview: options.preview,
    state: options.preview ? undefined : state,
    call,
  });
  pulumi.runtime.setAllConfig(options.config ?? engineConfigOf(stack), [
    `${project}:connectToken`,
    `${project}:connectWriteToken`,
    `${project}:cloudflareApiToken`,
  ]);
  const outputs = await runStack(stack);
  await settled();
  return { recorder, outputs };
}
