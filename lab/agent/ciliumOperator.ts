import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { hostModules } from './hostPrograms';
import type { AgentConfig } from './config';
import type { KubeApi } from './kubeApi';
import type { Deployment, ObjectMeta } from './kubeTypes';
import type { ProcessState, ProcessStatus } from './status';

/** The Deployment whose pods would do this. */
export const ciliumOperatorDeployment = { namespace: 'kube-system', name: 'cilium-operator' } as const;

/** Where Cilium's module keeps its CustomResourceDefinitions, a folder a version. */
const crdFolder = ['pkg', 'k8s', 'apis', 'cilium.io', 'client', 'crds'];

interface CustomResourceDefinition {
  kind: string;
  metadata: ObjectMeta;
}

/**
 * Stand-in for the Cilium operator: does the one thing that a platform without a network needs of it, which is to register
 * Cilium's CustomResourceDefinitions, and as in life not before the operator is up.
 */
export class CiliumOperatorStandIn {
  private state: ProcessState = 'waiting';
  private message = 'waiting for Deployment kube-system/cilium-operator to be available';
  private appliedFor = '';
  private imageTag: string | undefined;

  /** One round; `deployment` is the operator's, if there is one. */
  async reconcile(config: AgentConfig, api: KubeApi, deployment: Deployment | undefined): Promise<void> {
    if (deployment === undefined || (deployment.status?.availableReplicas ?? 0) === 0) return;
    const image = deployment.spec.template.spec.containers[0]?.image ?? '';
    this.imageTag = /:([^:/@]+)(@.*)?$/.exec(image)?.[1];
    // The operator registers them when it starts: once for each installation and each version.
    const occasion = `${deployment.metadata.uid ?? ''} ${image}`;
    if (occasion === this.appliedFor) return;
    const moduleDir = config.modules[hostModules.cilium];
    if (moduleDir === undefined) {
      this.state = 'unavailable';
      this.message = `the lab has no module ${hostModules.cilium}: Cilium's resource types will be missing`;
      return;
    }
    const definitions = readDefinitions(moduleDir);
    await Promise.all(
      definitions.map((definition) =>
        api.apply(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`, definition, {
          fieldManager: 'cilium-operator',
          force: true,
        }),
      ),
    );
    this.appliedFor = occasion;
    this.state = 'done';
    this.message = `registered ${definitions.length} CustomResourceDefinitions; does nothing else`;
  }

  /** The line of the status page. */
  status(config: AgentConfig): ProcessStatus {
    return {
      name: 'cilium-operator (stand-in)',
      // Go's module cache names folders <module>@<version>.
      version: /@([^/@]+)$/.exec(config.modules[hostModules.cilium] ?? '')?.[1] ?? 'unknown',
      real: false,
      state: this.state,
      message: this.message,
      ...(this.imageTag === undefined ? {} : { deploymentVersion: this.imageTag }),
    };
  }
}

/** Cilium's CustomResourceDefinitions as the module ships them, sorted by name. */
export function readDefinitions(moduleDir: string): CustomResourceDefinition[] {
  const root = path.join(moduleDir, ...crdFolder);
  return readdirSync(root)
    .flatMap((version) => readdirSync(path.join(root, version)).map((file) => path.join(root, version, file)))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => parse(readFileSync(file, 'utf8')) as CustomResourceDefinition)
    .filter((definition) => definition.kind === 'CustomResourceDefinition')
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}
