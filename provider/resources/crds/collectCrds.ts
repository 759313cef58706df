import { clone } from '../../../clients/git/git';
import { helmTemplate } from '../../../clients/helm/helm';
import { withTempDir } from '../../../clients/process/tempDir';
import { UserError } from '../../../clients/userError';
import type { CrdSource } from '../inputs';
import { isCrd, ownedByRelease, readObjects, type CrdObject } from './crdObjects';
import { readGitCrds } from './gitCrds';

/**
 * Fetches and renders a source, and returns its CustomResourceDefinitions.
 *
 * @throws UserError if it contains none
 */
export async function collectCrds(source: CrdSource, signal: AbortSignal): Promise<CrdObject[]> {
  const crds = source.kind === 'chart' ? await fromChart(source, signal) : await fromGit(source, signal);
  if (crds.length > 0) return crds;
  const origin = source.kind === 'chart' ? `${source.chartUrl} ${source.version}` : `${source.url} ${source.tag}`;
  throw new UserError(
    `${source.name}: ${origin} contains no CustomResourceDefinition; check the values that enable them`,
  );
}

async function fromChart(source: CrdSource & { kind: 'chart' }, signal: AbortSignal): Promise<CrdObject[]> {
  const { releaseName, releaseNamespace: namespace, chartUrl, version, signedBy, values } = source;
  const yaml = await helmTemplate({ releaseName, namespace, chartUrl, version, signedBy, values }, signal);
  const owner = { name: releaseName, namespace };
  return readObjects(yaml, `${source.name}: rendered chart`)
    .filter(isCrd)
    .map((crd) => ownedByRelease(crd, owner));
}

function fromGit(source: CrdSource & { kind: 'git' }, signal: AbortSignal): Promise<CrdObject[]> {
  return withTempDir(async (directory) => {
    await clone(source.url, source.tag, directory, signal);
    return readGitCrds(directory, source.path, source.name);
  });
}
