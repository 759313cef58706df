import { fetch } from 'undici';
import { environmentDispatcher } from '../http/proxy';
import { failureReason } from '../http/failureReason';
import { UserError } from '../userError';

const requestMilliseconds = 20_000;

/** The factory has no such Talos version. */
export class UnknownTalosVersion extends UserError {}

/**
 * The names of the official extensions that an image factory has for a Talos version (`v1.2.3`).
 *
 * @throws UnknownTalosVersion if it has no such version; UserError if it does not respond as expected
 */
export async function officialExtensions(
  factoryUrl: string,
  talosVersion: string,
  signal: AbortSignal,
): Promise<string[]> {
  const url = `${factoryUrl}/version/${talosVersion}/extensions/official`;
  const dispatcher = environmentDispatcher(url);
  try {
    const response = await fetch(url, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMilliseconds)]),
    });
    if (response.status === 404) throw new UnknownTalosVersion(`has no Talos ${talosVersion}`);
    if (response.status !== 200) throw new UserError(`returned ${response.status}, expected 200`);
    const names = namesOf(await response.json());
    if (names === undefined) throw new UserError('returned something other than a list of extensions');
    return names;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError(`does not respond: ${failureReason(error)}`);
  } finally {
    await dispatcher.destroy();
  }
}

function namesOf(body: unknown): string[] | undefined {
  if (!Array.isArray(body)) return undefined;
  const names = body.map((extension: unknown) => (extension as { name?: unknown } | null)?.name);
  return names.every((name) => typeof name === 'string') ? names : undefined;
}
