import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { proxyFor } from '../../net/proxyFor';

/** A dispatcher for requests to the host of a URL: through the proxy that the environment names for it, or direct. */
export function environmentDispatcher(url: string, env: NodeJS.ProcessEnv = process.env): Dispatcher {
  const proxy = proxyFor(url, env);
  return proxy === undefined ? new Agent() : new ProxyAgent(proxy);
}
