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
  const { status, body } = await request(url, {}, signal);
  if (status === 404) throw new UnknownTalosVersion(`has no Talos ${talosVersion}`);
  if (status !== 200) throw new UserError(`returned ${status}, expected 200`);
  const names = namesOf(body);
  if (names === undefined) throw new UserError('returned something other than a list of extensions');
  return names;
}

/**
 * Registers a schematic (YAML), which the factory may know already, and returns its id.
 *
 * @throws UserError if the factory refuses it or does not respond as expected
 */
export async function registerSchematic(factoryUrl: string, schematic: string, signal: AbortSignal): Promise<string> {
  const { status, body } = await request(`${factoryUrl}/schematics`, { method: 'POST', body: schematic }, signal);
  if (status !== 200 && status !== 201) throw new UserError(`returned ${status}, expected 201`);
  const id = (body as { id?: unknown } | null)?.id;
  if (typeof id !== 'string') throw new UserError('returned something other than the id of a schematic');
  return id;
}

/** The status of a request, and its body if it succeeded. */
async function request(
  url: string,
  init: { method?: string; body?: string },
  signal: AbortSignal,
): Promise<{ status: number; body?: unknown }> {
  const dispatcher = environmentDispatcher(url);
  try {
    const response = await fetch(url, {
      ...init,
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMilliseconds)]),
    });
    return response.ok ? { status: response.status, body: await response.json() } : { status: response.status };
  } catch (error) {
    signal.throwIfAborted();
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
