import { ApiResources } from '../../clients/kubernetes/apiResources';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { isTransient } from '../../clients/kubernetes/errors';
import { messageOf } from '../../clients/userError';
import { describeHealthCheck, type HealthCheck, healthProblem } from '../../cluster/rollout/healthChecks';
import type { Json } from '../../gitops/kubernetesObject';

/** Why the stack's health checks do not all pass: one line for each that does not, in their order. */
export async function healthProblems(api: KubernetesClient, checks: readonly HealthCheck[]): Promise<string[]> {
  // New each time: a kind may be served only since the last time.
  const resources = new ApiResources(api);
  const problems: string[] = [];
  for (const check of checks) {
    const problem = await problemOf(api, resources, check);
    if (problem !== undefined) problems.push(`${describeHealthCheck(check)}: ${problem}`);
  }
  return problems;
}

async function problemOf(
  api: KubernetesClient,
  resources: ApiResources,
  check: HealthCheck,
): Promise<string | undefined> {
  const { apiVersion, kind, name, namespace } = check;
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  let path: string;
  try {
    path = await resources.pathOf({ apiVersion, kind, metadata });
  } catch (error) {
    if (isTransient(error)) throw error;
    return messageOf(error);
  }
  return healthProblem(check, await api.get<Json & object>(path));
}
