/** A response of GitHub's REST API with a status of 400 or more. */
export interface Refusal {
  method: string;
  path: string;
  status: number;
  header: (name: string) => string | undefined;
  /** The body. */
  text: string;
}

const retries = 3;
/** GitHub may ask for an hour; a job must not wait that long. */
const longestWaitSeconds = 60;

/**
 * How long to wait before the next attempt, in seconds; undefined if there is none. Limits of rate are waited for, as GitHub
 * asks (docs.github.com, "Best practices for using the REST API"). After a failure of the server, a POST is not repeated:
 * it may have been carried out.
 */
export function waitBeforeRetry(refusal: Refusal, attempt: number): number | undefined {
  if (attempt >= retries) return undefined;
  const asked = Number(refusal.header('retry-after') ?? NaN);
  const isLimited = refusal.status === 429 || (refusal.status === 403 && isRateLimit(refusal));
  if (!isLimited && (refusal.status < 500 || refusal.method === 'POST')) return undefined;
  const seconds = Number.isFinite(asked) ? asked : 2 ** attempt;
  return seconds > longestWaitSeconds ? undefined : seconds;
}

function isRateLimit({ header }: Refusal): boolean {
  return header('retry-after') !== undefined || header('x-ratelimit-remaining') === '0';
}

interface Body {
  message?: string;
  errors?: (string | { resource?: string; field?: string; code?: string; message?: string })[];
}

/** What GitHub refused and what to do about it. */
export function refusalText(refusal: Refusal): string {
  const { method, path, status, text } = refusal;
  const { message = text.slice(0, 200), errors = [] } = bodyOf(text);
  const details = errors.map((error) =>
    typeof error === 'string' ? error : (error.message ?? `${error.field ?? error.resource} is ${error.code}`),
  );
  const said = [message, ...details].filter((part) => part !== '').join('; ');
  return `GitHub: ${method} ${path}: ${status} ${said}; ${fixOf(refusal)}`;
}

function bodyOf(text: string): Body {
  try {
    const body = JSON.parse(text) as Body | null;
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

function fixOf(refusal: Refusal): string {
  const { status, header } = refusal;
  if (status === 401) return 'pass a valid token as GITHUB_TOKEN';
  if (status === 403 && isRateLimit(refusal)) return 'wait until the limit is over, and run the job again';
  if (status === 403) {
    // GitHub names what would have been enough: `issues=write; pull_requests=write`.
    const accepted = header('x-accepted-github-permissions');
    const wanted = accepted === undefined ? 'write access' : accepted.replaceAll('=', ': ').replaceAll('_', '-');
    return `give the job \`permissions: ${wanted}\`; a fork's or Dependabot's token can only read`;
  }
  if (status === 404) return 'check the number and the repository; a token without access sees 404, too';
  if (status === 410) return 'enable issues in the settings of the repository';
  if (status >= 500 || status === 429) return 'run the job again';
  return 'report it with this message';
}
