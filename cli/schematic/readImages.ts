import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installProblems } from '../../cluster/machine/installChecks';
import { checkedMachines } from '../../cluster/machine/machines';
import { stackFileName } from '../../cluster/names';
import { DefinitionError, type Problem } from '../../cluster/problems';
import { parseSettings, settingKeys } from '../../cluster/settings';
import { parseStackConfig, withSecretsSet } from '../../cluster/stackConfig';
import { listStacks, projectName, readStackFile } from '../../cluster/stackFile';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { UserError } from '../../clients/userError';
import { parsePlace } from '../../cluster/keyPath';
import type { ImageSources } from './media';

/**
 * What a stack's files say about images. People need boot media before they know disks and links, so that only what the
 * images depend on must be right: the stack file without its install disks, and TALOS_VERSION.
 * @throws DefinitionError with all problems; ManifestError for a file that cannot be read; UserError for an unknown stack
 */
export function readImages(stack: string, { root, project }: { root: string; project: string }): ImageSources {
  const file = join(project, stackFileName(stack));
  if (!existsSync(file)) {
    const known = listStacks(project).join(', ') || 'none';
    throw new UserError(`--stack ${stack}: ${stackFileName(stack)} does not exist; use one of: ${known}`);
  }
  const { config, at, problems } = parseStackConfig(withSecretsSet(readStackFile(file, projectName(project))));
  const { machines, problems: machineProblems } = checkedMachines(config, at);
  const { settings, problems: settingsProblems } = parseSettings(readClusterSettings(root, stack));
  const found: Problem[] = [
    ...problems,
    ...machineProblems,
    ...installProblems({ config, at, machines }).filter(({ found: what }) => what !== noDisk),
    ...settingsProblems.filter(({ where }) => parsePlace(where).key === settingKeys.talosVersion),
  ];
  if (found.length > 0) throw new DefinitionError(stack, found);
  const { imageFactory, schematics } = config;
  const talos = settings.talosVersion?.value;
  if (machines === undefined || imageFactory === undefined || schematics === undefined || talos === undefined) {
    throw new Error(`stack ${stack}: something is missing that no check has reported`);
  }
  return { nodes: machines.map(({ node }) => node), imageFactory, schematics, versions: { talos } };
}

/** What `installProblems` finds on a machine whose disk is not chosen yet. */
const noDisk = 'no install disk';
