import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type KubernetesObject, listOf, textOf, valueAt } from '../../../gitops/kubernetesObject';
import { readYamlFile } from '../../../gitops/yamlFile';

const root = join(__dirname, '..', '..', '..');
const folder = 'kubernetes/workloads/platform/security/people-rbac';
const objects = readdirSync(join(root, folder))
  .filter((file) => file !== 'kustomization.yaml')
  .flatMap((file) => readYamlFile(root, `${folder}/${file}`).map(({ value }) => value as KubernetesObject));

interface Allowed {
  group: string;
  resource: string;
  verb: string;
}

/** Every combination that a role allows. */
function allowedBy(role: string): Allowed[] {
  const found = objects.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === role);
  return listOf(found?.['rules']).flatMap((rule) => {
    const texts = (field: string): string[] => listOf(valueAt(rule, field)).map((one) => textOf(one));
    return texts('apiGroups').flatMap((group) =>
      texts('resources').flatMap((resource) => texts('verbs').map((verb) => ({ group, resource, verb }))),
    );
  });
}

test('whoever views reads, and no secret', () => {
  const allowed = allowedBy('people-view');
  expect(allowed.length).toBeGreaterThan(50);
  expect(allowed.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
  expect(allowed.filter(({ group, resource }) => group === '' && /^(\*|secrets)/.test(resource))).toEqual([]);
});

test('whoever operates changes no workload, no role and no object of Flux, and runs nothing in a pod', () => {
  const allowed = allowedBy('people-operate').map(({ group, resource, verb }) => `${verb} ${resource}.${group}`);
  expect(allowed.sort()).toEqual(
    [
      ...['create pods/eviction.', 'create pods/portforward.', 'delete jobs.batch', 'delete pods.', 'patch nodes.'],
      ...['deployments', 'statefulsets'].flatMap((kind) =>
        ['get', 'patch', 'update'].map((verb) => `${verb} ${kind}/scale.apps`),
      ),
    ].sort(),
  );
});

test('rights are bound to groups with the prefix, and everything to one group', () => {
  const bound = objects.flatMap((object) =>
    object.kind === 'ClusterRoleBinding'
      ? listOf(object['subjects']).map(
          (subject) =>
            `${textOf(valueAt(object['roleRef'], 'name'))}: ${textOf(valueAt(subject, 'kind'))} ${textOf(valueAt(subject, 'name'))}`,
        )
      : [],
  );
  const group = (name: string): string => `Group \${OIDC_GROUP_PREFIX}platform-${name}`;
  expect(bound.sort()).toEqual(
    [
      `cluster-admin: ${group('admin')}`,
      `people-operate: ${group('operate')}`,
      ...['people-view', 'view'].flatMap((role) => [`${role}: ${group('view')}`, `${role}: ${group('operate')}`]),
    ].sort(),
  );
});
