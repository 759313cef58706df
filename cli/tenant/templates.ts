import { environmentLabel, tenantLabel, tenantsFolder } from '../../gitops/checks/facts/tenants';

/** A file to write, relative to the repository's root. */
export interface PlannedFile {
  path: string;
  text: string;
}

/** The environments that a tenant may have, in the order of promotion. */
export const environments = ['dev', 'stg', 'prod'] as const;

const header = `---
# yaml-language-server: $schema=https://json.schemastore.org/kustomization
`;

const kustomization = (comment: string, body: string): string =>
  `${header}${comment}apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
${body}`;

const list = (items: readonly string[]): string => items.map((item) => `  - ${item}\n`).join('');

/** The files of a new tenant: the platform's part for each environment, and a place for the team's own. */
export function tenantFiles(team: string, wanted: readonly string[]): PlannedFile[] {
  const folder = `${tenantsFolder}/${team}`;
  return [
    {
      path: `${folder}/kustomization.yaml`,
      text: kustomization(
        `# The platform's part: one namespace for each environment. The team's own part is base/ and envs/, which the Kustomizations in
# these namespaces apply.
`,
        `resources:\n${list(wanted.map((environment) => `namespaces/${environment}`))}`,
      ),
    },
    ...wanted.map((environment) => ({
      path: `${folder}/namespaces/${environment}/kustomization.yaml`,
      text: kustomization('', namespaceText(team, environment)),
    })),
    {
      path: `${folder}/base/kustomization.yaml`,
      text: kustomization(
        '# Everything that is the same in every environment.\n',
        `resources:\n${list(['serviceaccount.yaml'])}`,
      ),
    },
    { path: `${folder}/base/serviceaccount.yaml`, text: serviceAccountText(team) },
    ...wanted.map((environment) => ({
      path: `${folder}/envs/${environment}/kustomization.yaml`,
      text: kustomization('', `namespace: ${team}-${environment}\nresources:\n${list(['../../base'])}`),
    })),
  ];
}

function namespaceText(team: string, environment: string): string {
  const namespace = `${team}-${environment}`;
  return `namespace: ${namespace}
components:
  - ../../../../../components/tenant
patches:
  - target:
      kind: Namespace
    patch: |
      apiVersion: v1
      kind: Namespace
      metadata:
        name: namespace
        labels:
          ${tenantLabel}: ${team}
          ${environmentLabel}: ${environment}
  - target:
      group: kustomize.toolkit.fluxcd.io
      kind: Kustomization
      name: apps
    patch: |
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata:
        name: apps
      spec:
        path: ./${tenantsFolder}/${team}/envs/${environment}
        postBuild:
          substitute:
            NAMESPACE: ${namespace}
`;
}

function serviceAccountText(team: string): string {
  return `---
# yaml-language-server: $schema=https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master/v1.34.1/serviceaccount-v1.json
# The account of the team's pods. Replace it by what the team runs.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${team}
automountServiceAccountToken: false
`;
}
