import * as path from 'node:path';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { writePrivate } from '../files';

/** Owner of what the lab writes in place of the operator. */
const manager = 'lab-observability';

/** Longer than anyone observes a lab; vmagent reads the file again anyway. */
const tokenSeconds = 24 * 60 * 60;

const read = ['get', 'list', 'watch'];

/** What VictoriaMetrics operator 0.63 lets an agent do in the whole cluster (internal/controller/operator/factory/vmagent/rbac.go). */
export const agentRules = [
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  {
    apiGroups: [''],
    resources: [
      'nodes',
      'nodes/metrics',
      'nodes/proxy',
      'services',
      'endpoints',
      'pods',
      'configmaps',
      'namespaces',
      'secrets',
    ],
    verbs: read,
  },
  { apiGroups: ['networking.k8s.io', 'extensions'], resources: ['ingresses'], verbs: read },
  { nonResourceURLs: ['/metrics', '/metrics/resources', '/metrics/slis'], verbs: read },
];

/**
 * The account of an agent, with the role that the operator would give it and no other, so that a target which asks the API server
 * refuses here what it would refuse there. Writes `token` and `ca.crt`, as pods have them, into a folder.
 */
export async function agentAccount(
  api: KubernetesClient,
  { namespace, name }: { namespace: string; name: string },
  dir: string,
): Promise<void> {
  const role = `monitoring:${namespace}:${name}`;
  const metadata = { labels: { 'k8s-gitops-lab/stand-in': 'victoria-metrics-operator' } };
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await api.apply(
    `${accounts}/${name}`,
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, namespace, name } },
    manager,
  );
  await api.apply(
    `${rbac}/clusterroles/${role}`,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { ...metadata, name: role },
      rules: agentRules,
    },
    manager,
  );
  await api.apply(
    `${rbac}/clusterrolebindings/${role}`,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { ...metadata, name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    },
    manager,
  );
  const { status } = await api.request<{ status: { token: string } }>('POST', `${accounts}/${name}/token`, {
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: tokenSeconds },
    },
  });
  writePrivate(path.join(dir, 'token'), status.token);
  writePrivate(path.join(dir, 'ca.crt'), api.connection.certificateAuthority);
}
