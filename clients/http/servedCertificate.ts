import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';

/** The validity of a certificate. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/**
 * The validity of the certificate that a server presents, whoever issued it; undefined if none was presented in time. A server
 * that demands a client certificate has presented its own before that.
 */
export function servedCertificate(
  host: string,
  port: number,
  timeoutMilliseconds: number,
): Promise<Validity | undefined> {
  return new Promise((resolve) => {
    // Only the dates are read, and nothing is sent: whether to trust the server is up to those who talk to it.
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    const settle = (validity?: Validity): void => {
      socket.destroy();
      resolve(validity);
    };
    socket.setTimeout(timeoutMilliseconds, () => settle());
    socket.once('error', () => settle());
    socket.once('close', () => settle());
    socket.once('secureConnect', () => {
      const { valid_from: from, valid_to: to } = socket.getPeerCertificate();
      settle(from && to ? { notBefore: new Date(from), notAfter: new Date(to) } : undefined);
    });
  });
}

/** The validity of a PEM certificate; undefined if it cannot be read. */
export function validityOf(pem: string): Validity | undefined {
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return { notBefore: new Date(validFrom), notAfter: new Date(validTo) };
  } catch {
    return undefined;
  }
}
