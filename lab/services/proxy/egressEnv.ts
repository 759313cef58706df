import * as path from 'node:path';
import type { LabContext } from '../../context';
import { authorityFiles } from './pki';

/** Hosts that clients reach without the proxy; the single address is for clients that know no CIDR. */
const noProxy = '127.0.0.0/8,127.0.0.1,localhost,::1';

/**
 * Environment of everything in the lab that talks to the outside: the egress proxy, and the lab's certificate authority
 * as the only one to trust, in the names that Go, Node, git and curl read. Empty values remove what the user's shell set.
 */
export function egressEnv(ctx: Pick<LabContext, 'dir' | 'port'>): Record<string, string> {
  const proxy = `http://127.0.0.1:${ctx.port('egress-proxy')}`;
  const ca = authorityFiles(ctx.dir).certificate;
  return {
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    ALL_PROXY: '',
    all_proxy: '',
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    SSL_CERT_FILE: ca,
    // Go reads this folder beside the file; unset it would add the machine's own authorities.
    SSL_CERT_DIR: path.dirname(ca),
    NODE_EXTRA_CA_CERTS: ca,
    GIT_SSL_CAINFO: ca,
    CURL_CA_BUNDLE: ca,
    // Anonymous as the controllers are: no credential helper or prompt of the user's takes part.
    GIT_TERMINAL_PROMPT: '0',
  };
}
