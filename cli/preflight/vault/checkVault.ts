import { fetch } from 'undici';
import type { ClusterDefinition } from '../../../cluster/definition';
import { managedFields } from '../../../cluster/onePasswordFields';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { ConnectClient, type Item } from '../../../clients/onepassword/connectClient';
import { checkConnectTokens } from '../../../clients/onepassword/connectToken';
import { tokenTimes } from '../../../clients/onepassword/tokenClaims';
import { environmentDispatcher } from '../../../clients/http/proxy';
import { failureReason } from '../../../clients/http/failureReason';
import { type CheckResult, failed, failedWith, ok, skipped } from '../checkResult';
import { connectChecks, evaluateConnect, withTokenAges } from './evaluateConnect';
import { evaluateItem, itemCheck } from './evaluateItem';
import type { NeededItem } from './neededItems';

type Connect = ClusterDefinition['connect'];

const heartbeatMilliseconds = 10_000;
/** Connect is a small server: more parallel requests make it slower. */
const maxRequests = 4;

/** Checks 1Password Connect, its two tokens and the vault; skips the rest if Connect does not respond. */
export async function checkConnect(
  { host, vault }: Connect,
  { readToken, writeToken }: { readToken: string; writeToken: string },
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const server = await heartbeat(host, signal);
  if (server.state !== 'ok') {
    const checks = [connectChecks.readToken, connectChecks.writeToken, connectChecks.vault(vault)];
    return [server, ...checks.map((check) => skipped(check, '1Password Connect does not respond'))];
  }
  const problems = await checkConnectTokens({ host, vault, readToken, writeToken, signal });
  const issuedAt = {
    connectToken: tokenTimes(readToken).issuedAt,
    connectWriteToken: tokenTimes(writeToken).issuedAt,
  };
  return [server, ...withTokenAges(evaluateConnect(problems, vault), issuedAt)];
}

/** Checks the heartbeat of Connect, which needs no token. */
async function heartbeat(host: string, signal: AbortSignal): Promise<CheckResult> {
  const check = connectChecks.server(host);
  const fix = 'start it, correct ONEPASSWORD_CONNECT_HOST, or correct the proxy settings of this machine';
  const dispatcher = environmentDispatcher(host);
  try {
    const { status } = await fetch(`${host.replace(/\/+$/, '')}/heartbeat`, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(heartbeatMilliseconds)]),
    });
    return status === 200 ? ok(check, 'responds') : failed(check, `returned ${status}, expected 200`, fix);
  } catch (error) {
    signal.throwIfAborted();
    return failed(check, `does not respond: ${failureReason(error)}`, fix);
  } finally {
    await dispatcher.destroy();
  }
}

/** Checks every item that the cluster needs, with the token that external-secrets will use: one result each. */
export async function checkItems(
  needed: readonly NeededItem[],
  definition: ClusterDefinition,
  readToken: string,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const titles = needed.map(({ title }) => title);
  const items = await readItems(titles, definition.connect, readToken, signal);
  const managed = managedFields(definition);
  return needed.map((item) => {
    const found = items.get(item.title) ?? [];
    if (found instanceof Error) return failedWith(itemCheck(item), found, 'run preflight again');
    return evaluateItem(item, found, definition.connect.vault, managed);
  });
}

/**
 * The items of each title with their fields, or why they could not be read. Never print or store them.
 * @throws UserError if the token does not see the vault
 */
export async function readItems(
  titles: readonly string[],
  { host, vault }: Pick<Connect, 'host' | 'vault'>,
  token: string,
  signal: AbortSignal,
): Promise<Map<string, Item[] | Error>> {
  const client = new ConnectClient(host, token, signal);
  try {
    const vaultId = await client.vaultId(vault);
    const read = await mapConcurrently(maxRequests, titles, async (title): Promise<[string, Item[] | Error]> => {
      try {
        const titled = await client.itemsByTitle(vaultId, title);
        return [title, await Promise.all(titled.map(({ id }) => client.item(vaultId, id)))];
      } catch (error) {
        signal.throwIfAborted();
        return [title, error as Error];
      }
    });
    return new Map(read);
  } finally {
    await client.close();
  }
}
