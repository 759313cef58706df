import { connect } from 'node:net';
import type { Node } from '../../../cluster/stackSchema';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { TalosClient, type TalosTarget } from '../../../clients/talos/client';
import { TalosError } from '../../../clients/talos/errors';
import { probeUntrusted } from '../../../clients/talos/probe';
import { TalosResources } from '../../../clients/talos/resources';
import type { Endpoint } from '../dialOverride';
import type { MachineFacts, NodeFacts } from './evaluateNode';

const connectMilliseconds = 5_000;

/**
 * Asks a machine what it is and what it has; changes nothing. `identity` is the stack's, if there is one. No answer is an
 * answer: nothing is thrown for it.
 */
export async function readNode(
  node: Node,
  { host, port }: Endpoint,
  identity: TalosClientConfiguration | undefined,
): Promise<NodeFacts> {
  const closed = await whyClosed({ host, port });
  if (closed !== undefined) return { state: 'silent', why: closed };
  const target: TalosTarget = { node: node.address, endpoint: host };
  if (identity !== undefined) {
    const said = await versionOf(target, identity, port);
    if (said instanceof TalosError) {
      if (said.failure !== 'not-trusted') return { state: 'silent', why: said.message };
    } else return { state: 'ours', ...(await resourcesOf(target, identity, port)), version: said };
  }
  const found = await probeUntrusted(target, port);
  if (found === 'maintenance') return { state: 'maintenance', ...(await resourcesOf(target, undefined, port)) };
  if (found === 'other-cluster') return { state: 'foreign', known: identity !== undefined };
  return { state: 'silent', why: 'what answers is no Talos' };
}

/** Why nothing can be connected to; nothing if it can. */
function whyClosed({ host, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMilliseconds });
    const settle = (why?: string): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => settle());
    socket.once('timeout', () => settle('no connection within 5 s'));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}

async function versionOf(
  target: TalosTarget,
  identity: TalosClientConfiguration,
  port: number,
): Promise<string | TalosError> {
  const client = TalosClient.secure(target, identity, port);
  try {
    return (await client.version()).tag;
  } catch (error) {
    if (error instanceof TalosError) return error;
    throw error;
  } finally {
    client.close();
  }
}

async function resourcesOf(
  target: TalosTarget,
  identity: TalosClientConfiguration | undefined,
  port: number,
): Promise<MachineFacts> {
  const resources = TalosResources.open(target, identity, port);
  // What a machine does not show is left out, not held against it.
  const shown = async <T>(asked: Promise<T>): Promise<T | undefined> => {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof TalosError) return undefined;
      throw error;
    }
  };
  try {
    const [version, disks, links] = await Promise.all([
      shown(resources.version()),
      shown(resources.disks()),
      shown(resources.links()),
    ]);
    return { version, disks, links };
  } finally {
    resources.close();
  }
}
