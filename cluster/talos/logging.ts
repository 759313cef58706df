import { document } from './documents';

/**
 * Where Fluent Bit of the node takes logs from Talos: a host port on the loopback address, so that nothing is sent unencrypted
 * over the network. Its HelmRelease has the same port.
 */
export const logReceiver = 'tcp://127.0.0.1:5170/';

/** The part of a v1alpha1 patch that makes Talos send the logs of its services, kubelet included. Live: no reboot. */
export function serviceLogs(): object {
  return { logging: { destinations: [{ endpoint: logReceiver, format: 'json_lines' }] } };
}

/** The document that makes Talos send the messages of the kernel. */
export function kernelLogDocument(): object {
  return document('KmsgLogConfig', { name: 'fluent-bit', url: logReceiver });
}
