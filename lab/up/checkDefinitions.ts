import * as path from 'node:path';
import type { OtherCluster } from '../../cluster/crossClusterChecks';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { defineCluster } from '../../cluster/defineCluster';
import { parseSettings, type SettingsSource } from '../../cluster/settings';
import { secretConfigKeys, type StackConfigSource } from '../../cluster/stackConfig';
import { readStackFile } from '../../cluster/stackFile';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { renderCluster } from '../../gitops/render/renderCluster';
import { bootstrapInputs } from '../../stacks/bootstrapInputs';
import { listStacks, projectName } from './stackFiles';

/**
 * Runs the program's own checks of every stack and its manifests before the lab starts anything, so that what `pulumi up`
 * would refuse after minutes is refused immediately. Throws all problems of all stacks together.
 */
export function checkDefinitions(root: string): void {
  const project = projectName(root);
  const problems = new Set<string>();
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.add((error as Error).message);
      return undefined;
    }
  };
  const stacks = listStacks(root).map((name) => {
    const config = attempt(() => labConfig(root, name, project));
    const settings = attempt(() => readClusterSettings(root, name));
    return { name, config, settings, asOther: config && settings && otherCluster(name, config, settings) };
  });
  for (const { name, config, settings } of stacks) {
    if (config === undefined || settings === undefined) continue;
    const others = stacks.flatMap(({ asOther }) => (asOther === undefined || asOther.name === name ? [] : [asOther]));
    attempt(() => defineCluster({ stack: name, config, settings, others }));
    attempt(() => bootstrapInputs(renderCluster(root, name, bootstrapKustomizations)));
  }
  if (problems.size > 0) throw new Error([...problems].join('\n'));
}

function otherCluster(name: string, config: StackConfigSource, source: SettingsSource): OtherCluster {
  const { settings } = parseSettings(source);
  return { name, settings, nodes: nodesOf(config), ownsZone: ownsZone(config) };
}

/** The stack's configuration as it will be in the lab, which sets its own secrets. */
function labConfig(root: string, stack: string, project: string): StackConfigSource {
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  let source: StackConfigSource;
  try {
    source = readStackFile(file, project);
  } catch (error) {
    throw new Error(`Pulumi.${stack}.yaml: ${(error as Error).message}`);
  }
  const secrets = Object.fromEntries(secretConfigKeys.map((key) => [key, { secure: 'set by the lab' }]));
  return {
    ...source,
    values: { ...source.values, ...secrets },
    secretKeys: new Set([...source.secretKeys, ...secretConfigKeys]),
  };
}

/** Well-formed nodes only; that stack's own check reports the others. */
function nodesOf({ values }: StackConfigSource): OtherCluster['nodes'] {
  const nodes = Array.isArray(values.nodes) ? (values.nodes as Partial<{ name: string; address: string }>[]) : [];
  return nodes.flatMap((node) =>
    typeof node?.name === 'string' && typeof node.address === 'string'
      ? [{ name: node.name, address: node.address }]
      : [],
  );
}

/** Undefined if the section is malformed, which that stack's own check reports. */
function ownsZone({ values }: StackConfigSource): boolean | undefined {
  const { ownsZone: owns } = (values.cloudflare ?? {}) as { ownsZone?: unknown };
  return typeof owns === 'boolean' ? owns : undefined;
}
