import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An issue or pull request of the fake. */
export interface FakeIssue {
  number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  login: string;
  isPullRequest?: boolean;
}

/** A comment of the fake. */
export interface FakeComment {
  id: number;
  issue: number;
  body: string;
  login: string;
}

/** An answer other than the usual one, for the next requests. */
export interface Trouble {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const bodyLimit = 65_536;
const bot = 'github-actions[bot]';
const docs = 'https://docs.github.com/rest';

/**
 * A fake of the part of GitHub's REST API that the workflows use, on loopback. It refuses as GitHub does: 401 for another token,
 * 403 without the permission, 404 for an unknown repository or number, 422 for a body of more than 65,536 characters, and lists
 * come in pages.
 */
export class FakeGitHub {
  readonly repository = 'someone/platform';
  readonly token = 'ghs_token-of-the-job';
  issues: FakeIssue[] = [];
  comments: FakeComment[] = [];
  permissions: Record<'issues' | 'pull_requests', 'read' | 'write'> = { issues: 'write', pull_requests: 'write' };
  /** Taken from the front, one for each request. */
  troubles: Trouble[] = [];
  pageSize = 100;
  /** `<method> <path with query>` of each request. */
  readonly requests: string[] = [];
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));
  private lastNumber = 100;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a job of GitHub Actions has in its environment. */
  get env(): Record<string, string> {
    return {
      GITHUB_TOKEN: this.token,
      GITHUB_REPOSITORY: this.repository,
      GITHUB_RUN_ID: '4711',
      GITHUB_API_URL: this.url,
      GITHUB_SERVER_URL: 'https://github.test',
    };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const { status, headers = {}, body: answer } = this.troubles.shift() ?? this.answer(request, url, body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? { message: 'trouble' }));
  }

  private answer({ method = '', headers }: IncomingMessage, url: URL, body: Record<string, unknown>): Trouble {
    if (headers.authorization !== `Bearer ${this.token}`) return refusal(401, 'Bad credentials');
    if (headers['user-agent'] === undefined) return refusal(403, 'Request forbidden by administrative rules.');
    const prefix = `/repos/${this.repository}`;
    if (!url.pathname.startsWith(`${prefix}/`)) return refusal(404, 'Not Found');
    const path = url.pathname.slice(prefix.length);
    const [, number = '', isComments] = /^\/issues\/(\d+)(\/comments)?$/.exec(path) ?? [];
    const [, comment = ''] = /^\/issues\/comments\/(\d+)$/.exec(path) ?? [];
    if (method === 'GET' && path === '/issues') return this.page(url, this.listed(url.searchParams));
    if (method === 'POST' && path === '/issues') return this.openIssue(body);
    if (comment !== '' && method === 'PATCH') return this.editComment(Number(comment), body);
    const issue = this.issues.find((candidate) => candidate.number === Number(number));
    if (issue === undefined) return refusal(404, 'Not Found');
    if (isComments && method === 'GET') {
      return this.page(url, this.comments.filter(({ issue: of }) => of === issue.number).map(shownComment));
    }
    if (isComments && method === 'POST') return this.addComment(issue, body);
    if (!isComments && method === 'PATCH') return this.editIssue(issue, body);
    return refusal(404, 'Not Found');
  }

  private listed(query: URLSearchParams): unknown[] {
    const state = query.get('state') ?? 'open';
    const creator = query.get('creator');
    const found = this.issues
      .filter((issue) => (state === 'all' || issue.state === state) && (creator === null || issue.login === creator))
      .sort((a, b) => b.number - a.number);
    return (query.get('direction') === 'asc' ? found.reverse() : found).map(shownIssue);
  }

  private page(url: URL, all: unknown[]): Trouble {
    const size = Math.min(this.pageSize, Number(url.searchParams.get('per_page') ?? 30));
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    const hasNext = all.length > page * size;
    return {
      status: 200,
      body: all.slice((page - 1) * size, page * size),
      headers: hasNext ? { link: `<${next.href}>; rel="next", <${next.href}>; rel="last"` } : {},
    };
  }

  private openIssue(body: Record<string, unknown>): Trouble {
    const refused = this.refuses('issues') ?? tooLong('Issue', body);
    if (refused) return refused;
    if (!body.title)
      return refusal(422, 'Validation Failed', [{ resource: 'Issue', field: 'title', code: 'missing_field' }]);
    const issue: FakeIssue = { number: ++this.lastNumber, title: '', body: '', state: 'open', login: bot, ...body };
    this.issues.push(issue);
    return { status: 201, body: shownIssue(issue) };
  }

  private editIssue(issue: FakeIssue, body: Record<string, unknown>): Trouble {
    const refused = this.refuses(issue.isPullRequest ? 'pull_requests' : 'issues') ?? tooLong('Issue', body);
    if (refused) return refused;
    Object.assign(issue, body);
    return { status: 200, body: shownIssue(issue) };
  }

  private addComment(issue: FakeIssue, body: Record<string, unknown>): Trouble {
    const refused = this.refuses(issue.isPullRequest ? 'pull_requests' : 'issues') ?? tooLong('IssueComment', body);
    if (refused) return refused;
    const comment = { id: ++this.lastNumber, issue: issue.number, body: String(body.body), login: bot };
    this.comments.push(comment);
    return { status: 201, body: shownComment(comment) };
  }

  private editComment(id: number, body: Record<string, unknown>): Trouble {
    const comment = this.comments.find((candidate) => candidate.id === id);
    if (comment === undefined) return refusal(404, 'Not Found');
    const of = this.issues.find(({ number }) => number === comment.issue);
    const refused = this.refuses(of?.isPullRequest ? 'pull_requests' : 'issues') ?? tooLong('IssueComment', body);
    if (refused) return refused;
    comment.body = String(body.body);
    return { status: 200, body: shownComment(comment) };
  }

  private refuses(permission: 'issues' | 'pull_requests'): Trouble | undefined {
    if (this.permissions[permission] === 'write') return undefined;
    const headers = { 'x-accepted-github-permissions': `${permission}=write` };
    return { ...refusal(403, 'Resource not accessible by integration'), headers };
  }
}

function refusal(status: number, message: string, errors?: unknown[]): Trouble {
  return { status, body: { message, ...(errors && { errors }), documentation_url: docs, status: String(status) } };
}

function tooLong(resource: string, { body }: Record<string, unknown>): Trouble | undefined {
  if (typeof body !== 'string' || [...body].length <= bodyLimit) return undefined;
  const message = `body is too long (maximum is ${bodyLimit} characters)`;
  return refusal(422, 'Validation Failed', [{ resource, code: 'custom', field: 'body', message }]);
}

const shownIssue = ({ login, isPullRequest, ...issue }: FakeIssue): unknown => ({
  ...issue,
  user: { login },
  ...(isPullRequest && { pull_request: {} }),
});
const shownComment = ({ login, id, body }: FakeComment): unknown => ({ id, body, user: { login } });
