import * as path from 'node:path';
import type { OtherCluster } from '../../cluster/crossClusterChecks';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { defineCluster } from '../../cluster/define';
import { secretConfigKeys, type StackConfigSource } from '../../cluster/stackConfig';
import { readStackFile } from '../../cluster/stackFile';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { renderCluster } from '../../gitops/render';
import { bootstrapInputs } from '../../stacks/bootstrapInputs';
import { listStacks, projectName } from './stackFiles';

/**
 * Runs the program's own checks of every stack and of what Git has for it, before anything of the lab starts: what
 * `pulumi up` would refuse after minutes is refused at once. Throws all problems of all stacks together.
 */
export function checkDefinitions(root: string): void {
  const project = projectName(root);
  const complaints = new Set<string>();
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      complaints.add((error as Error).message);
      return undefined;
    }
  };
  const stacks = listStacks(root).map((name) => ({
    name,
    config: attempt(() => labConfig(root, name, project)),
    settings: attempt(() => readClusterSettings(root, name)),
  }));
  for (const { name, config, settings } of stacks) {
    if (config === undefined || settings === undefined) continue;
    const others = stacks.flatMap((other): OtherCluster[] =>
      other.name === name || other.config === undefined || other.settings === undefined
        ? []
        : [
            {
              name: other.name,
              source: other.settings,
              nodes: nodesOf(other.config),
              ownsZone: ownsZone(other.config),
            },
          ],
    );
    attempt(() => defineCluster({ stack: name, config, settings, others }));
    attempt(() => bootstrapInputs(renderCluster(root, name, bootstrapKustomizations)));
  }
  if (complaints.size > 0) throw new Error([...complaints].join('\n'));
}

/** The stack's configuration as it will be in the lab, which brings its own secrets. */
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

/** Only well-formed nodes count here; what is wrong with the others is that stack's own problem. */
function nodesOf({ values }: StackConfigSource): OtherCluster['nodes'] {
  const nodes = Array.isArray(values.nodes) ? (values.nodes as Partial<{ name: string; address: string }>[]) : [];
  return nodes.flatMap((node) =>
    typeof node?.name === 'string' && typeof node.address === 'string'
      ? [{ name: node.name, address: node.address }]
      : [],
  );
}

/** Unknown when the section is malformed: that is its own stack's problem, too. */
function ownsZone({ values }: StackConfigSource): boolean | undefined {
  const { ownsZone: owns } = (values.cloudflare ?? {}) as { ownsZone?: unknown };
  return typeof owns === 'boolean' ? owns : undefined;
}
