import { ToolError } from '../toolError';

/** Environment variable with the base URL of a mirror of all publishers. */
export const mirrorVariable = 'K8S_GITOPS_MIRROR';

/**
 * The mirror's base URL without a slash at its end; undefined if the environment names none.
 * @throws ToolError if it is not an http or https URL, or contains a password, which would end up in messages
 */
export function mirrorOf(env: NodeJS.ProcessEnv): string | undefined {
  const text = env[mirrorVariable];
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.password || url?.username) {
    throw new ToolError(
      `${mirrorVariable}: found a URL with a user name, expected one without; allow access by address`,
    );
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new ToolError(
      `${mirrorVariable}: found ${text}, expected an http or https URL such as https://mirror.example/tools`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

/** The URL to request instead of a publisher's: `<mirror>/<host>/<path>`. */
export function mirrored(url: string, mirror: string | undefined): string {
  return mirror === undefined ? url : `${mirror}/${url.replace(/^https:\/\//, '')}`;
}

/**
 * The URL that a redirect leads to; undefined if it must not be followed. A publisher may redirect to https only. Redirects
 * of a mirror stay on it: it may name its own URL, or the publisher's as the publisher does.
 * @param from the URL that was requested
 */
export function redirectTarget(location: string, from: string, mirror: string | undefined): string | undefined {
  if (!URL.canParse(location, from)) return undefined;
  const { href, protocol } = new URL(location, from);
  if (mirror !== undefined && href.startsWith(`${mirror}/`)) return href;
  return protocol === 'https:' ? mirrored(href, mirror) : undefined;
}
