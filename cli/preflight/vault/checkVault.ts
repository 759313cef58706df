import { Agent, fetch, ProxyAgent } from 'undici';
import type { ClusterDefinition } from '../../../cluster/definition';
import { managedFields } from '../../../cluster/vaultFields';
import { inParallel } from '../../../clients/process/inParallel';
import { ConnectClient } from '../../../clients/onepassword/connectClient';
import { checkConnectTokens } from '../../../clients/onepassword/connectToken';
import { proxyFor } from '../../../clients/onepassword/proxyFor';
import { causeOf } from '../causeOf';
import { failed, failedBy, type Line, ok, skipped } from '../checkResult';
import { connectLines, evaluateConnect } from './evaluateConnect';
import { itemLine, evaluateItem } from './evaluateItem';
import type { VaultNeed } from './vaultNeeds';

type Connect = ClusterDefinition['connect'];

const heartbeatMilliseconds = 10_000;
/** Connect is small: more requests at a time make it slower, not faster. */
const requestsAtATime = 4;

/** 1Password Connect, its two tokens and the vault, in this order; later lines are skipped when it does not answer. */
export async function checkConnect(
  { host, vault }: Connect,
  { readToken, writeToken }: { readToken: string; writeToken: string },
  signal: AbortSignal,
): Promise<Line[]> {
  const server = await heartbeat(host, signal);
  if (server.state !== 'ok') {
    const lines = [connectLines.readToken, connectLines.writeToken, connectLines.vault(vault)];
    return [server, ...lines.map((line) => skipped(line, '1Password Connect does not answer'))];
  }
  const problems = await checkConnectTokens({ host, vault, readToken, writeToken, signal });
  return [server, ...evaluateConnect(problems, vault)];
}

/** Connect says without a token whether it runs. */
async function heartbeat(host: string, signal: AbortSignal): Promise<Line> {
  const line = connectLines.server(host);
  const fix = 'start it, correct ONEPASSWORD_CONNECT_HOST, or the proxy by which this machine reaches it';
  const proxy = proxyFor(host, process.env);
  const dispatcher = proxy === undefined ? new Agent() : new ProxyAgent(proxy);
  try {
    const { status } = await fetch(`${host.replace(/\/+$/, '')}/heartbeat`, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(heartbeatMilliseconds)]),
    });
    return status === 200 ? ok(line, 'answers') : failed(line, `answers ${status} where Connect says 200`, fix);
  } catch (error) {
    signal.throwIfAborted();
    return failed(line, `does not answer: ${causeOf(error)}`, fix);
  } finally {
    await dispatcher.destroy();
  }
}

/** Every item that the cluster needs, one line each, by the token that external-secrets will have. */
export async function checkItems(
  needs: readonly VaultNeed[],
  definition: ClusterDefinition,
  readToken: string,
  signal: AbortSignal,
): Promise<Line[]> {
  const { host, vault } = definition.connect;
  const made = managedFields(definition);
  const client = new ConnectClient(host, readToken, signal);
  try {
    const vaultId = await client.vaultId(vault);
    return await inParallel(requestsAtATime, needs, async (need) => {
      try {
        const titled = await client.itemsTitled(vaultId, need.title);
        const items = await Promise.all(titled.map(({ id }) => client.item(vaultId, id)));
        return evaluateItem(need, items, vault, made);
      } catch (error) {
        signal.throwIfAborted();
        return failedBy(itemLine(need), error, 'run preflight again');
      }
    });
  } finally {
    await client.close();
  }
}
