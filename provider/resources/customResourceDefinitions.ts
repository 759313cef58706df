import * as z from 'zod';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { conditionOf, isFluxOwned, type ConditionedObject } from '../../clients/kubernetes/objects';
import { mapConcurrently } from '../../clients/process/mapConcurrently';
import { pollUntil } from '../../clients/process/pollUntil';
import { UserError } from '../../clients/userError';
import type { Implementation, Operation } from '../engine/implementation';
import { collectCrds } from './crds/collectCrds';
import type { CrdObject } from './crds/crdObjects';
import type { CustomResourceDefinitionsInputs } from './inputs';
import { jsonObject, nonEmpty, ociUrl, signers, timeoutSeconds } from './inputSchemas';
import { waitForKubernetesApi } from './waitForKubernetesApi';
import { withKubernetesClient } from './withKubernetesClient';

/** State: names and times, but not the definitions. */
export interface CustomResourceDefinitionsState {
  kubeconfig: string;
  names: string[];
  startedAt: string;
  finishedAt: string;
}

const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** The field manager of Helm, so that Helm and helm-controller can upgrade the definitions without a conflict. */
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

/** Applies the definitions of all sources in order, except those that Flux already owns. */
export const customResourceDefinitions: Implementation<
  CustomResourceDefinitionsInputs,
  CustomResourceDefinitionsState
> = {
  schema,
  connectionInputs: ['kubeconfig'],
  secretProperties: ['kubeconfig'],
  create: (inputs, operation) =>
    withKubernetesClient(inputs.kubeconfig, operation.signal, async (api) => {
      const deadline = Date.now() + inputs.timeoutSeconds * 1000;
      const collecting = collectAll(inputs, operation);
      // Sources are fetched while the API starts. If the wait fails first, that is the error to report.
      collecting.catch(() => undefined);
      await waitForKubernetesApi(api, inputs.timeoutSeconds, operation);
      // The wait counts as part of the Talos phase: the CRD phase starts when the API is ready.
      const startedAt = new Date().toISOString();
      const crds = await collecting;
      await applyAll(api, crds, operation);
      const names = crds.map(({ metadata }) => metadata.name).sort();
      await waitEstablished(api, names, (deadline - Date.now()) / 1000, operation);
      operation.progress.info(`${names.length} CustomResourceDefinitions are established`);
      const outputs = { kubeconfig: inputs.kubeconfig, names, startedAt, finishedAt: new Date().toISOString() };
      return { id: 'custom-resource-definitions', outputs };
    }),
};

async function collectAll({ sources }: CustomResourceDefinitionsInputs, { signal }: Operation): Promise<CrdObject[]> {
  const collected = await mapConcurrently(2, sources, (source) => collectCrds(source, signal));
  const owner = new Map<string, string>();
  sources.forEach((source, index) => {
    for (const { metadata } of collected[index] ?? []) {
      const other = owner.get(metadata.name);
      if (other !== undefined) {
        throw new UserError(
          `CustomResourceDefinition ${metadata.name} comes from both ${other} and ${source.name}; ` +
            'disable it in the values of one of them, so that it has one owner',
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
  await mapConcurrently(4, crds, async (crd) => {
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
      const fresh = await mapConcurrently(4, waiting, async (crd) => {
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
  const accepted = conditionOf(crd, 'NamesAccepted');
  const reason = accepted?.status === 'False' ? accepted.message : conditionOf(crd, 'Established')?.message;
  return `${crd.metadata.name}: ${reason ?? 'the API server has not reported a status'}`;
}
