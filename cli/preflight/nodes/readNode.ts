import { connect } from 'node:net';
import type { HostPort } from '../../../cluster/dialOverrides';
import type { Node } from '../../../cluster/stackSchema';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { TalosClient, type TalosTarget } from '../../../clients/talos/client';
import { TalosError } from '../../../clients/talos/errors';
import { probeUntrusted } from '../../../clients/talos/probe';
import { TalosResources } from '../../../clients/talos/resources';
import type { MachineFacts, NodeFacts } from './evaluateNode';

const connectMilliseconds = 5_000;

/**
 * Reads the state and the hardware of a machine. Read-only. `identity` is the stack's, if it has generated one. Does not
 * throw if the machine does not respond: that is a state.
 */
export async function readNode(
  node: Pick<Node, 'address'>,
  { host, port }: HostPort,
  identity: TalosClientConfiguration | undefined,
): Promise<NodeFacts> {
  const connectError = await connectErrorOf({ host, port });
  if (connectError !== undefined) return { state: 'unreachable', why: connectError };
  const target: TalosTarget = { node: node.address, endpoint: host };
  if (identity !== undefined) {
    const version = await versionOf(target, identity, port);
    if (version instanceof TalosError) {
      if (version.failure !== 'untrusted') return { state: 'unreachable', why: version.message };
    } else return { state: 'configured', ...(await resourcesOf(target, identity, port)), version };
  }
  const found = await probeUntrusted(target, port);
  if (found === 'maintenance') return { state: 'maintenance', ...(await resourcesOf(target, undefined, port)) };
  if (found === 'other-cluster') return { state: 'foreign', stackHasIdentity: identity !== undefined };
  return { state: 'unreachable', why: 'the response is not from Talos' };
}

/** Why a TCP connection fails; undefined if it succeeds. */
export function connectErrorOf({ host, port }: HostPort): Promise<string | undefined> {
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
  // A resource that cannot be read is left out; it does not fail the check.
  const readable = async <T>(reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof TalosError) return undefined;
      throw error;
    }
  };
  try {
    const [version, disks, links, volumes] = await Promise.all([
      readable(resources.version()),
      readable(resources.disks()),
      readable(resources.links()),
      readable(resources.volumes()),
    ]);
    return { version, disks, links, volumes };
  } finally {
    resources.close();
  }
}
