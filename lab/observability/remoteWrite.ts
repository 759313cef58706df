import { listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { type Item, nameOf, namespaceOf, type ReadSecret } from './objects';

/** A file that a program reads, below the folder of its process. */
export interface ConfigFile {
  name: string;
  content: string;
}

/** How vmagent sends: flags, and the files that they name. */
export interface RemoteWrite {
  flags: [string, string][];
  files: ConfigFile[];
}

/**
 * The remote write of a VMAgent as the operator writes it, except for the address: the name of the front door is resolved to this
 * host, and still is what its certificate must say.
 * @param door `host:port` of vmauth on loopback
 * @param dir folder of the files
 */
export function remoteWrite(agent: Item, secret: ReadSecret, door: string, dir: string): RemoteWrite {
  const [write, second] = listOf(agent.spec?.['remoteWrite']);
  if (write === undefined || second !== undefined)
    throw new Error(`VMAgent ${nameOf(agent)}: the lab renders agents with exactly one remoteWrite`);
  const read = (...path: string[]): string => {
    const reference = valueAt(write, ...path);
    const place = { name: textOf(valueAt(reference, 'name')), key: textOf(valueAt(reference, 'key')) };
    if (place.name === '') throw new Error(`VMAgent ${nameOf(agent)}: its remoteWrite has no ${path.join('.')}`);
    return secret({ namespace: namespaceOf(agent), ...place });
  };
  const url = new URL(textOf(valueAt(write, 'url')));
  const limit = textOf(valueAt(agent.spec, 'remoteWriteSettings', 'maxDiskUsagePerURL'));
  const files = [
    { name: 'password', content: read('basicAuth', 'password') },
    { name: 'ca.crt', content: read('tlsConfig', 'ca', 'secret') },
  ];
  return {
    files,
    flags: [
      ['remoteWrite.url', `https://${door}${url.pathname}`],
      ['remoteWrite.basicAuth.username', read('basicAuth', 'username')],
      ['remoteWrite.basicAuth.passwordFile', `${dir}/password`],
      ['remoteWrite.tlsCAFile', `${dir}/ca.crt`],
      ['remoteWrite.tlsServerName', url.hostname],
      ...(limit === '' ? [] : ([['remoteWrite.maxDiskUsagePerURL', limit]] as [string, string][])),
    ],
  };
}
