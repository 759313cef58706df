import type { GitHubApi } from '../../clients/github/api';
import {
  actionsBot,
  addComment,
  editIssue,
  findIssues,
  type Issue,
  maxBody,
  openIssue,
} from '../../clients/github/issues';
import { cutMarkdown } from './fitMarkdown';

/** What a run of `npm run drift` left of a stack. */
export interface DriftReport {
  stack: string;
  /** 0 none, 2 drift, anything else: it could not tell. Undefined if the run left nothing. */
  exitCode?: number;
  /** The report as Markdown. */
  markdown: string;
}

/** What happens to the issue of a stack. */
export type IssueChange =
  | { kind: 'open'; stack: string; title: string; body: string }
  | { kind: 'edit'; stack: string; number: number; title: string; body: string }
  | { kind: 'close'; stack: string; number: number; comment: string };

/** Begins the issue of a stack. */
export const issueMarker = (stack: string): string => `<!-- k8s-gitops: drift of ${stack} -->`;
const anyIssueMarker = '<!-- k8s-gitops: drift of ';

/**
 * What to do about the open issues: at most one for a stack, open while its last run found drift or could not tell, with that
 * run's report. Only a run that found nothing closes it; the issue of a stack that is no longer in Git is closed, too.
 * @param open the open issues of earlier runs, the oldest first
 */
export function issueChanges(reports: readonly DriftReport[], open: readonly Issue[], runUrl: string): IssueChange[] {
  const ofStack = (stack: string): Issue[] => open.filter(({ body }) => body.startsWith(issueMarker(stack)));
  const close = (stack: string, issues: readonly Issue[], why: string): IssueChange[] =>
    issues.map(({ number }) => ({ kind: 'close', stack, number, comment: `${why} ([run](${runUrl})).` }));
  const changes = reports.flatMap((report): IssueChange[] => {
    const { stack, exitCode } = report;
    const [issue, ...duplicates] = ofStack(stack);
    if (exitCode === 0) return close(stack, ofStack(stack), 'No drift any more');
    const text = { title: titleOf(report), body: bodyOf(report, runUrl) };
    const change: IssueChange =
      issue === undefined ? { kind: 'open', stack, ...text } : { kind: 'edit', stack, number: issue.number, ...text };
    return [change, ...close(stack, duplicates, `The report is in #${issue?.number}`)];
  });
  const known = reports.map(({ stack }) => stack);
  const gone = open.filter(({ body }) => !known.some((stack) => body.startsWith(issueMarker(stack))));
  return [...changes, ...gone.flatMap((issue) => close(stackOf(issue), [issue], 'This stack is no longer in Git'))];
}

function titleOf({ stack, exitCode }: DriftReport): string {
  return exitCode === 2 ? `Drift: ${stack}` : `Drift: ${stack} could not be told`;
}

function stackOf({ body }: Issue): string {
  return /^<!-- k8s-gitops: drift of (.*?) -->/.exec(body)?.[1] ?? '';
}

function bodyOf({ stack, exitCode, markdown }: DriftReport, runUrl: string): string {
  const head = `${issueMarker(stack)}\n\n`;
  const ended = exitCode === undefined ? 'left no report' : `ended with exit code ${exitCode}`;
  const foot =
    `\n\n---\nThe last run that looked is [this one](${runUrl}). The issue is edited by every run, ` +
    'and closed by one that finds no drift.';
  const note = `**Cut**, because GitHub limits issues: [the run](${runUrl}) has all of it.`;
  const report =
    markdown.trim() === '' ? `\`npm run drift -- --stack ${stack}\` ${ended}: see [the run](${runUrl}).` : markdown;
  return head + cutMarkdown(report, maxBody - head.length - foot.length, note) + foot;
}

/** Makes the issues those of the reports. Returns what it did, one line for each. */
export async function writeIssues(
  api: GitHubApi,
  reports: readonly DriftReport[],
  runUrl: string,
  author = actionsBot,
): Promise<string[]> {
  const open = await findIssues(api, anyIssueMarker, author);
  const lines: string[] = [];
  for (const change of issueChanges(reports, open, runUrl)) lines.push(await carryOut(api, change));
  return lines;
}

async function carryOut(api: GitHubApi, change: IssueChange): Promise<string> {
  const { stack } = change;
  if (change.kind === 'open') {
    const { title, body } = change;
    return `${stack}: opened #${await openIssue(api, { title, body })}`;
  }
  const { number } = change;
  if (change.kind === 'edit') {
    await editIssue(api, number, { title: change.title, body: change.body });
    return `${stack}: edited #${number}`;
  }
  await addComment(api, number, change.comment);
  await editIssue(api, number, { state: 'closed', state_reason: 'completed' });
  return `${stack}: closed #${number}`;
}
