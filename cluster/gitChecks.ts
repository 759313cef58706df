import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';

/** Checks that the credentials of a private repository fit its URL. */
export function gitProblems({ config: { gitCredentials }, at, settings: { gitUrl } }: CheckedCluster): Problem[] {
  if (gitUrl === undefined) return [];
  const isSsh = gitUrl.value.startsWith('ssh://');
  if (gitCredentials === undefined) {
    if (!isSsh) return [];
    const expected = 'credentials of kind ssh, because GIT_URL is an ssh:// URL';
    return [{ where: at('gitCredentials'), found: 'nothing', expected, fix: 'add them (docs/private-git.md)' }];
  }
  if (isSsh === (gitCredentials.kind === 'ssh')) return [];
  const expected = isSsh ? 'ssh, because GIT_URL is an ssh:// URL' : 'token, because GIT_URL is an https:// URL';
  return [
    { where: at('gitCredentials', 'kind'), found: show(gitCredentials.kind), expected, fix: 'correct one of them' },
  ];
}
