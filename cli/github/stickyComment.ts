import type { GitHubApi } from '../../clients/github/api';
import { actionsBot, addComment, editComment, findComment, maxBody } from '../../clients/github/issues';
import { joinParts, type Part } from './fitMarkdown';

/** Begins the one comment on a pull request. */
export const commentMarker = '<!-- k8s-gitops: preview -->';

/** What a comment says. */
export interface Preview {
  /** The commit that was looked at. */
  commit: string;
  parts: readonly Part[];
  runUrl: string;
}

/** The comment's text, short enough for GitHub. */
export function commentBody({ commit, parts, runUrl }: Preview): string {
  const head = `${commentMarker}\n\n`;
  const foot = `\n\n---\nOf commit ${commit}, by [this run](${runUrl}).`;
  const note = `**Cut**, because GitHub limits comments: [the run](${runUrl}) has all of it.`;
  return head + joinParts(parts, maxBody - head.length - foot.length, note) + foot;
}

/** Writes the comment on a pull request, in place of the one of an earlier run. */
export async function writeComment(
  api: GitHubApi,
  pullRequest: number,
  body: string,
  author = actionsBot,
): Promise<'added' | 'changed' | 'unchanged'> {
  const earlier = await findComment(api, pullRequest, commentMarker, author);
  if (earlier?.body === body) return 'unchanged';
  if (earlier === undefined) await addComment(api, pullRequest, body);
  else await editComment(api, earlier.id, body);
  return earlier === undefined ? 'added' : 'changed';
}
