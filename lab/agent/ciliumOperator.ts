import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { hostModules } from './hostPrograms';
import type { AgentConfig } from './config';
import type { Deployment, ObjectMeta } from './kubeTypes';
import type { ProcessState, ProcessStatus } from './status';

/** The Deployment whose pods would do this work. */
export const ciliumOperatorDeployment = { namespace: 'kube-system', name: 'cilium-operator' } as const;

/** Cilium's CustomResourceDefinitions in its module, one folder per version. */
const crdFolder = ['pkg', 'k8s', 'apis', 'cilium.io', 'client', 'crds'];

/** Without one of these types at its start, the operator ignores Gateways until it is restarted (operator/pkg/gateway-api/cell.go). */
const gatewayTypes = ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes', 'referencegrants'];
const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface CustomResourceDefinition {
  kind: string;
  metadata: ObjectMeta;
}

/**
 * Stand-in for the Cilium operator. Does the only thing that a platform without a network needs from it: registers Cilium's
 * CustomResourceDefinitions, and like the operator only once it is running.
 */
export class CiliumOperatorStandIn {
  private state: ProcessState = 'waiting';
  private message = 'waiting for Deployment kube-system/cilium-operator to be available';
  private appliedFor = '';
  private imageTag: string | undefined;
  /** Why the operator does not look at Gateways; undefined if it does. */
  gatewayApiProblem: string | undefined = 'Cilium’s operator has not started';

  /** One round; `deployment` is the operator's, if it exists. */
  async reconcile(config: AgentConfig, api: KubernetesClient, deployment: Deployment | undefined): Promise<void> {
    if (deployment === undefined || (deployment.status?.availableReplicas ?? 0) === 0) return;
    const image = deployment.spec.template.spec.containers[0]?.image ?? '';
    this.imageTag = /:([^:/@]+)(@.*)?$/.exec(image)?.[1];
    // The operator registers them at startup: once per installation and version.
    const startup = `${deployment.metadata.uid ?? ''} ${image}`;
    if (startup === this.appliedFor) return;
    const moduleDir = config.modules[hostModules.cilium];
    if (moduleDir === undefined) {
      this.state = 'unavailable';
      this.message = `the lab has no module ${hostModules.cilium}, so Cilium's resource types will be missing`;
      return;
    }
    this.gatewayApiProblem = await missingGatewayTypes(api);
    const definitions = readDefinitions(moduleDir);
    await Promise.all(
      definitions.map((definition) =>
        api.apply(`${definitionsPath}/${definition.metadata.name}`, definition, 'cilium-operator'),
      ),
    );
    this.appliedFor = startup;
    this.state = 'done';
    this.message = `registered ${definitions.length} CustomResourceDefinitions; does nothing else`;
  }

  /** The entry on the status page. */
  status(config: AgentConfig): ProcessStatus {
    return {
      name: 'cilium-operator (stand-in)',
      // Folders in Go's module cache are named <module>@<version>.
      version: /@([^/@]+)$/.exec(config.modules[hostModules.cilium] ?? '')?.[1] ?? 'unknown',
      real: false,
      state: this.state,
      message: this.message,
      ...(this.imageTag === undefined ? {} : { deploymentVersion: this.imageTag }),
    };
  }
}

async function missingGatewayTypes(api: KubernetesClient): Promise<string | undefined> {
  const names = gatewayTypes.map((plural) => `${plural}.gateway.networking.k8s.io`);
  const found = await Promise.all(names.map((name) => api.get(`${definitionsPath}/${name}`)));
  const missing = names.filter((_name, at) => found[at] === undefined);
  return missing.length === 0
    ? undefined
    : `Cilium’s operator started without ${missing.join(', ')}; it looks at Gateways only after a restart`;
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
