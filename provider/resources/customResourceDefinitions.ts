import { z } from 'zod';
import { collectCrds } from './crds/collectCrds';
import type { CrdObject } from './crds/crdObjects';
import type { Implementation, Operation } from '../engine/implementation';
import type { CustomResourceDefinitionsInputs } from './inputs';
import { inParallel } from '../../clients/process/inParallel';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { conditionOf, isFluxOwned, type ConditionedObject } from '../../clients/kubernetes/objects';
import { waitForApi } from './waitForApi';
import { UserError } from '../../clients/userError';
import { pollUntil } from '../../clients/process/pollUntil';
import { jsonObject, nonEmpty, ociUrl, signers, timeoutSeconds } from './schemas';
import { withApi } from './withApi';

/** What is recorded: names and times, no definition. */
export interface CustomResourceDefinitionsState {
  kubeconfig: string;
  names: string[];
  startedAt: string;
  finishedAt: string;
}

const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** Helm's own field manager: Helm and helm-controller then upgrade what we applied without a conflict. */
const fieldManager = 'helm';

const schema: z.ZodType<CustomResourceDefinitionsInputs> = z.object({
  kubeconfig: nonEmpty,
  sources: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('chart'),
        name: nonEmpty,
        releaseName: nonEmpty,
        releaseNamespace: nonEmpty,
        chartUrl: ociUrl,
        version: nonEmpty,
        signedBy: signers,
        values: jsonObject,
      }),
      z.object({ kind: z.literal('git'), name: nonEmpty, url: nonEmpty, tag: nonEmpty, path: nonEmpty }),
    ]),
  ),
  timeoutSeconds,
});

/** Applies the definitions of all sources, in their order, except those that Flux owns already. */
export const customResourceDefinitions: Implementation<
  CustomResourceDefinitionsInputs,
  CustomResourceDefinitionsState
> = {
  schema,
  connection: ['kubeconfig'],
  secrets: ['kubeconfig'],
  create: (inputs, operation) =>
    withApi(inputs.kubeconfig, operation.signal, async (api) => {
      const deadline = Date.now() + inputs.timeoutSeconds * 1000;
      const rendering = collectAll(inputs, operation);
      // The sources are fetched while the API starts; if the wait fails first, theirs is not the failure to report.
      rendering.catch(() => undefined);
      await waitForApi(api, inputs.timeoutSeconds, operation);
      // The wait is the machines': the phase of the CRDs begins when the API answers.
      const startedAt = new Date().toISOString();
      const crds = await rendering;
      await applyAll(api, crds, operation);
      const names = crds.map(({ metadata }) => metadata.name).sort();
      await waitEstablished(api, names, (deadline - Date.now()) / 1000, operation);
      operation.progress.info(`${names.length} CustomResourceDefinitions are established`);
      const outputs = { kubeconfig: inputs.kubeconfig, names, startedAt, finishedAt: new Date().toISOString() };
      return { id: 'custom-resource-definitions', outputs };
    }),
};

async function collectAll({ sources }: CustomResourceDefinitionsInputs, { signal }: Operation): Promise<CrdObject[]> {
  const collected = await inParallel(2, sources, (source) => collectCrds(source, signal));
  const owner = new Map<string, string>();
  sources.forEach((source, index) => {
    for (const { metadata } of collected[index] ?? []) {
      const other = owner.get(metadata.name);
      if (other !== undefined) {
        throw new UserError(
          `CustomResourceDefinition ${metadata.name} comes from both ${other} and ${source.name}; ` +
            'give it one owner: switch it off in the values of one of them',
        );
      }
      owner.set(metadata.name, source.name);
    }
  });
  return collected.flat();
}

async function applyAll(api: KubernetesClient, crds: CrdObject[], { progress }: Operation): Promise<void> {
  const options = { retries: 5 };
  let done = 0;
  await inParallel(4, crds, async (crd) => {
    const path = `${collection}/${crd.metadata.name}`;
    const existing = await api.get(path, options);
    if (!existing || !isFluxOwned(existing.metadata)) await api.apply(path, crd, fieldManager, options);
    progress.status(`applied ${++done} of ${crds.length} CustomResourceDefinitions`);
  });
}

async function waitEstablished(
  api: KubernetesClient,
  names: string[],
  timeout: number,
  { progress, signal }: Operation,
): Promise<void> {
  let waiting = names.map((name): ConditionedObject => ({ metadata: { name } }));
  await pollUntil(
    async () => {
      const fresh = await inParallel(4, waiting, async (crd) => {
        const path = `${collection}/${crd.metadata.name}`;
        return (await api.get<ConditionedObject>(path, { retries: 5 })) ?? crd;
      });
      waiting = fresh.filter((crd) => conditionOf(crd, 'Established')?.status !== 'True');
      progress.status(`waiting for ${waiting.length} of ${names.length} CustomResourceDefinitions to be established`);
      return waiting.length === 0 ? true : undefined;
    },
    {
      timeoutSeconds: Math.max(timeout, 10),
      intervalMilliseconds: 500,
      signal,
      timedOut: (waited) =>
        [`CustomResourceDefinitions not established after ${waited} s:`, ...waiting.map(describe)].join('\n  '),
    },
  );
}

function describe(crd: ConditionedObject): string {
  const refused = conditionOf(crd, 'NamesAccepted');
  const reason = refused?.status === 'False' ? refused.message : conditionOf(crd, 'Established')?.message;
  return `${crd.metadata.name}: ${reason ?? 'the API server has said nothing about it'}`;
}
