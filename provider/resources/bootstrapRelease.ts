import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { helmInstall, requireHelm } from '../../clients/helm/helm';
import { decideRelease } from '../../clients/helm/releaseDecision';
import { readReleaseState, storedRevisions } from '../../clients/helm/releaseState';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { notReadyPods, warningEvents } from '../../clients/kubernetes/diagnostics';
import { messageOf, UserError } from '../../clients/userError';
import type { Implementation, Operation } from '../engine/implementation';
import type { BootstrapReleaseInputs } from './inputs';
import { jsonObject, nonEmpty, ociUrl, signers, timeoutSeconds } from './inputSchemas';
import { withKubernetesClient } from './withKubernetesClient';

/** State of a release. Does not contain the chart values, which are in Git. */
export interface BootstrapReleaseState {
  kubeconfig: string;
  name: string;
  namespace: string;
  storageNamespace: string;
  chartUrl: string;
  version: string;
  action: 'installed' | 'found' | 'owned-by-flux';
  revision: number;
  startedAt: string;
  finishedAt: string;
}

const schema: z.ZodType<BootstrapReleaseInputs> = z
  .object({
    kubeconfig: nonEmpty,
    name: nonEmpty,
    namespace: nonEmpty,
    storageNamespace: nonEmpty,
    chartUrl: ociUrl,
    version: nonEmpty,
    signedBy: signers,
    values: jsonObject,
    timeoutSeconds,
    wait: z.boolean(),
  })
  .refine(({ namespace, storageNamespace }) => namespace === storageNamespace, {
    path: ['storageNamespace'],
    message:
      'must be the release namespace, where the Helm CLI stores its records; otherwise Flux would install a second ' +
      'release. Move the HelmRelease into the namespace of its release',
  });

/** Installs a Helm release only if it is absent; `decideRelease` has the rules. */
export const bootstrapRelease: Implementation<BootstrapReleaseInputs, BootstrapReleaseState> = {
  schema,
  connectionInputs: ['kubeconfig'],
  secretProperties: ['kubeconfig'],
  create: (inputs, operation) =>
    withKubernetesClient(inputs.kubeconfig, operation.signal, async (api) => {
      const startedAt = new Date().toISOString();
      const outcome = await installIfAbsent(api, inputs, operation);
      const { values: _values, timeoutSeconds: _timeout, wait: _wait, signedBy: _signedBy, ...recorded } = inputs;
      const outputs = { ...recorded, ...outcome, startedAt, finishedAt: new Date().toISOString() };
      return { id: `${inputs.namespace}/${inputs.name}`, outputs };
    }),
  exists: (state, { signal }) =>
    withKubernetesClient(state.kubeconfig, signal, async (api) => {
      // Flux had not installed it yet when this was recorded, so its absence does not mean that it was removed.
      if (state.action === 'owned-by-flux' && state.revision === 0) return true;
      return (await storedRevisions(api, state)).length > 0;
    }),
};

async function installIfAbsent(
  api: KubernetesClient,
  inputs: BootstrapReleaseInputs,
  { progress, signal }: Operation,
): Promise<Pick<BootstrapReleaseState, 'action' | 'revision'>> {
  const label = `${inputs.namespace}/${inputs.name}`;
  await requireHelm(signal);
  const decision = decideRelease(await readReleaseState(api, inputs));
  if (decision.action === 'refuse') {
    throw new UserError(
      `release ${label}: ${decision.because}, so it was uninstalled deliberately, or that is in progress; ` +
        `complete it with \`helm uninstall ${inputs.name} --namespace ${inputs.namespace}\`, then run again`,
    );
  }
  if (decision.action !== 'install') {
    progress.info(`${label}: ${decision.action === 'found' ? 'is already installed' : 'skipped, Flux owns it'}`);
    return decision;
  }
  for (const secret of decision.clear) {
    progress.info(`${label}: ${decision.because}; deleting the record ${secret} and installing again`);
    await api.delete(`/api/v1/namespaces/${inputs.storageNamespace}/secrets/${secret}`, { retries: 5 });
  }
  await install(api, inputs, { progress, signal });
  const installed = await storedRevisions(api, inputs);
  return { action: 'installed', revision: Math.max(...installed.map(({ version }) => version), 0) };
}

async function install(api: KubernetesClient, inputs: BootstrapReleaseInputs, { progress, signal }: Operation) {
  const { kubeconfig, timeoutSeconds, wait, name: releaseName, ...chart } = inputs;
  const done = new AbortController();
  const reporting = reportNotReadyPods(api, inputs, progress, AbortSignal.any([done.signal, signal]));
  try {
    const target = { kubeconfig, server: api.connection.server, timeoutSeconds, wait };
    await helmInstall({ releaseName, ...chart }, target, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new UserError([messageOf(error), ...(await describeProblems(api, inputs.namespace))].join('\n'));
  } finally {
    done.abort();
    await reporting;
  }
}

/** Reports every few seconds which pods the installation waits for; helm prints nothing until it exits. */
async function reportNotReadyPods(
  api: KubernetesClient,
  inputs: BootstrapReleaseInputs,
  progress: Operation['progress'],
  stop: AbortSignal,
): Promise<void> {
  const started = Date.now();
  while (!stop.aborted) {
    const pods = await notReadyPods(api, inputs.namespace).catch(() => []);
    const waiting = pods.length === 0 ? '' : `, waiting for ${pods.slice(0, 3).join('; ')}${more(pods.length - 3)}`;
    const seconds = Math.round((Date.now() - started) / 1000);
    if (!stop.aborted) progress.status(`installing ${inputs.version} (${seconds} s)${waiting}`);
    await sleep(3_000, undefined, { signal: stop }).catch(() => undefined);
  }
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}

async function describeProblems(api: KubernetesClient, namespace: string): Promise<string[]> {
  const pods = await notReadyPods(api, namespace).catch(() => []);
  const events = await warningEvents(api, namespace).catch(() => []);
  return [
    ...(pods.length > 0 ? [`not ready in ${namespace}:`, ...pods.slice(0, 10).map((line) => `  ${line}`)] : []),
    ...(events.length > 0 ? [`warnings in ${namespace}:`, ...events.map((line) => `  ${line}`)] : []),
  ];
}
