import type { GitHubApi } from './api';

/** GitHub refuses a longer body of an issue or a comment. Unit: UTF-16 code units, of which GitHub counts no more. */
export const maxBody = 65_536;

/** Who writes with the token of a workflow. */
export const actionsBot = 'github-actions[bot]';

/** An issue, as far as it is read here. */
export interface Issue {
  number: number;
  title: string;
  body: string;
}

/** A comment on an issue or a pull request. */
export interface Comment {
  id: number;
  body: string;
}

interface Written {
  user: { login: string } | null;
  body: string | null;
}

/** Whether a text was written by an author and begins with a marker. Anyone can write the marker. */
const isOurs = (marker: string, author: string, { user, body }: Written): boolean =>
  user?.login === author && (body ?? '').startsWith(marker);

/** The open issues that an author has written and that begin with a marker, the oldest first. */
export async function findIssues(api: GitHubApi, marker: string, author: string): Promise<Issue[]> {
  type Listed = Written & { number: number; title: string; pull_request?: unknown };
  const all = await api.list<Listed>('/issues', { state: 'open', creator: author, sort: 'created', direction: 'asc' });
  return all
    .filter((issue) => issue.pull_request === undefined && isOurs(marker, author, issue))
    .map(({ number, title, body }) => ({ number, title, body: body ?? '' }));
}

/** The first comment on an issue or pull request that an author has written and that begins with a marker. */
export async function findComment(
  api: GitHubApi,
  number: number,
  marker: string,
  author: string,
): Promise<Comment | undefined> {
  const all = await api.list<Written & { id: number }>(`/issues/${number}/comments`);
  const found = all.find((comment) => isOurs(marker, author, comment));
  return found && { id: found.id, body: found.body ?? '' };
}

/** Opens an issue and returns its number. */
export async function openIssue(api: GitHubApi, issue: Omit<Issue, 'number'>): Promise<number> {
  return (await api.call<{ number: number }>('POST', '/issues', issue)).number;
}

/** Changes fields of an issue. */
export async function editIssue(
  api: GitHubApi,
  number: number,
  fields: Partial<Omit<Issue, 'number'>> & { state?: 'closed'; state_reason?: 'completed' },
): Promise<void> {
  await api.call('PATCH', `/issues/${number}`, fields);
}

/** Comments on an issue or a pull request. */
export async function addComment(api: GitHubApi, number: number, body: string): Promise<void> {
  await api.call('POST', `/issues/${number}/comments`, { body });
}

/** Replaces the text of a comment. */
export async function editComment(api: GitHubApi, id: number, body: string): Promise<void> {
  await api.call('PATCH', `/issues/comments/${id}`, { body });
}
