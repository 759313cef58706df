import { GitHubApi } from '../../../clients/github/api';
import {
  actionsBot,
  addComment,
  editIssue,
  findComment,
  findIssues,
  maxBody,
  openIssue,
} from '../../../clients/github/issues';
import { FakeGitHub } from '../support/fakeGitHub';

let fake: FakeGitHub;
let waits: number[];
let api: GitHubApi;
const access = (): { apiUrl: string; repository: string; token: string } => ({
  apiUrl: fake.url,
  repository: fake.repository,
  token: fake.token,
});
const open = (change: Partial<ReturnType<typeof access>> = {}): GitHubApi =>
  new GitHubApi({ ...access(), ...change }, new AbortController().signal, (milliseconds) => {
    waits.push(milliseconds);
    return Promise.resolve();
  });

beforeEach(async () => {
  fake = new FakeGitHub();
  waits = [];
  await fake.start();
  api = open();
});
afterEach(async () => {
  await api.close();
  await fake.stop();
});

const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: Error) => error.message,
  );

test('what GitHub refuses is said with what to do, and never with the token', async () => {
  const messages: string[] = [];
  const other = open({ token: 'ghs_expired' });
  messages.push(await refused(openIssue(other, { title: 't', body: '' })));
  await other.close();
  fake.permissions.issues = 'read';
  messages.push(await refused(openIssue(api, { title: 't', body: '' })));
  fake.permissions.issues = 'write';
  messages.push(await refused(addComment(api, 9, 'x')));
  messages.push(await refused(openIssue(api, { title: 't', body: 'x'.repeat(maxBody + 1) })));
  messages.push(await refused(openIssue(api, { title: '', body: '' })));
  const { repository } = fake;
  expect(messages).toEqual([
    `GitHub: POST /repos/${repository}/issues: 401 Bad credentials; pass a valid token as GITHUB_TOKEN`,
    `GitHub: POST /repos/${repository}/issues: 403 Resource not accessible by integration; give the job \`permissions: issues: write\`; a fork's or Dependabot's token can only read`,
    `GitHub: POST /repos/${repository}/issues/9/comments: 404 Not Found; check the number and the repository; a token without access sees 404, too`,
    `GitHub: POST /repos/${repository}/issues: 422 Validation Failed; body is too long (maximum is 65536 characters); report it with this message`,
    `GitHub: POST /repos/${repository}/issues: 422 Validation Failed; title is missing_field; report it with this message`,
  ]);
  expect(messages.join()).not.toContain('ghs_');
  expect(waits).toEqual([]);
});

test('a body of exactly the limit is taken', async () => {
  const number = await openIssue(api, { title: 't', body: 'x'.repeat(maxBody) });
  expect(fake.issues.map((issue) => issue.number)).toEqual([number]);
});

test('waits for limits of rate as GitHub asks, and repeats what may be repeated', async () => {
  fake.issues = [{ number: 1, title: 'old', body: '', state: 'open', login: actionsBot }];
  fake.troubles = [
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 403, headers: { 'x-ratelimit-remaining': '0' } },
  ];
  await addComment(api, 1, 'x');
  expect(waits).toEqual([7000, 2000]);
  expect(fake.comments).toHaveLength(1);
  fake.troubles = [{ status: 502 }];
  await editIssue(api, 1, { title: 'new' });
  expect(waits).toEqual([7000, 2000, 1000]);
  expect(fake.issues[0]?.title).toBe('new');
});

test('does not repeat what may have been carried out, nor wait for an hour, nor forever', async () => {
  fake.issues = [{ number: 1, title: 'old', body: '', state: 'open', login: actionsBot }];
  fake.troubles = [{ status: 502, body: '<html>Bad gateway</html>' }];
  expect(await refused(addComment(api, 1, 'x'))).toMatch(/502 <html>Bad gateway<\/html>; run the job again$/);
  fake.troubles = [{ status: 429, headers: { 'retry-after': '3600' } }];
  expect(await refused(editIssue(api, 1, { title: 'x' }))).toMatch(/429 trouble; run the job again$/);
  expect(waits).toEqual([]);
  fake.troubles = Array.from({ length: 9 }, () => ({ status: 503 }));
  expect(await refused(editIssue(api, 1, { title: 'x' }))).toMatch(/503/);
  expect(waits).toEqual([1000, 2000, 4000]);
});

test('a marker counts only at the beginning, in a text of the author, on an issue', async () => {
  const marker = '<!-- ours -->';
  const issue = { title: '', state: 'open', login: actionsBot } as const;
  fake.issues = [
    { ...issue, number: 1, body: `${marker} by another`, login: 'mallory' },
    { ...issue, number: 2, body: `quoted: ${marker}` },
    { ...issue, number: 3, body: `${marker} a pull request`, isPullRequest: true },
    { ...issue, number: 4, body: `${marker} closed`, state: 'closed' },
    { ...issue, number: 5, body: `${marker} older` },
    { ...issue, number: 6, body: `${marker} newer` },
  ];
  expect((await findIssues(api, marker, actionsBot)).map(({ number }) => number)).toEqual([5, 6]);
  fake.comments = [
    { id: 11, issue: 3, body: `${marker} by another`, login: 'mallory' },
    { id: 12, issue: 5, body: `${marker} elsewhere`, login: actionsBot },
    { id: 13, issue: 3, body: `${marker} this`, login: actionsBot },
  ];
  expect(await findComment(api, 3, marker, actionsBot)).toEqual({ id: 13, body: `${marker} this` });
  expect(await findComment(api, 5, '<!-- others -->', actionsBot)).toBeUndefined();
});

test('reads every page of a list, and no page of another server', async () => {
  fake.pageSize = 2;
  fake.issues = [{ number: 1, title: '', body: '', state: 'open', login: 'x' }];
  fake.comments = Array.from({ length: 5 }, (_, index) => ({
    id: index,
    issue: 1,
    body: `${index}`,
    login: actionsBot,
  }));
  expect(await findComment(api, 1, '4', actionsBot)).toEqual({ id: 4, body: '4' });
  expect(fake.requests).toHaveLength(3);
  fake.troubles = [{ status: 200, body: [], headers: { link: '<https://evil.test/x>; rel="next"' } }];
  expect(await findComment(api, 1, '4', actionsBot)).toBeUndefined();
});

test('says that GitHub cannot be reached, or that something else responded', async () => {
  const nowhere = open({ apiUrl: 'http://127.0.0.1:9' });
  expect(await refused(openIssue(nowhere, { title: 't', body: '' }))).toMatch(/^127\.0\.0\.1:9 cannot be reached: /);
  await nowhere.close();
  fake.troubles = [{ status: 200, body: '<html>proxy</html>' }];
  expect(await refused(openIssue(api, { title: 't', body: '' }))).toMatch(/^GitHub responded, but not with JSON/);
});
