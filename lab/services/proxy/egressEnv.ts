import * as path from 'node:path';
import type { LabContext } from '../../context';
import { authorityFiles } from './pki';

/** Hosts that clients reach without the proxy. The single address is for clients that do not support CIDR. */
const noProxy = '127.0.0.0/8,127.0.0.1,localhost,::1';

/**
 * Environment for every process in the lab that needs the internet: the egress proxy and the lab's certificate
 * authority as the only trusted one, in the variables that Go, Node, git and curl read. An empty value unsets the
 * user's variable.
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
    // Go reads this folder in addition to the file; if unset, it would also trust the machine's certificate
    // authorities.
    SSL_CERT_DIR: path.dirname(ca),
    NODE_EXTRA_CA_CERTS: ca,
    GIT_SSL_CAINFO: ca,
    CURL_CA_BUNDLE: ca,
    // The controllers fetch anonymously: git must not prompt for credentials.
    GIT_TERMINAL_PROMPT: '0',
  };
}
