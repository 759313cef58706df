import { fetch } from 'undici';
import type { ClusterDefinition } from '../../../cluster/definition';
import { managedFields } from '../../../cluster/onePasswordFields';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { ConnectClient } from '../../../clients/onepassword/connectClient';
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
  const { host, vault } = definition.connect;
  const managed = managedFields(definition);
  const client = new ConnectClient(host, readToken, signal);
  try {
    const vaultId = await client.vaultId(vault);
    return await mapConcurrently(maxRequests, needed, async (item) => {
      try {
        const titled = await client.itemsByTitle(vaultId, item.title);
        const found = await Promise.all(titled.map(({ id }) => client.item(vaultId, id)));
        return evaluateItem(item, found, vault, managed);
      } catch (error) {
        signal.throwIfAborted();
        return failedWith(itemCheck(item), error, 'run preflight again');
      }
    });
  } finally {
    await client.close();
  }
}
