import { gunzipSync } from 'node:zlib';

/**
 * The kubeconfig in the archive that Talos streams: gzip around a tar with one file. Talos 1.11 does not close the tar, so
 * it ends without padding and end marker, which tar readers refuse.
 */
export function kubeconfigOf(archive: Buffer): string {
  const tar = gunzipSync(archive);
  const size = parseInt(tar.subarray(sizeField.from, sizeField.to).toString('latin1'), 8);
  const content = tar.subarray(headerBytes, headerBytes + size);
  if (Number.isNaN(size) || content.length !== size) throw new Error('the machine sent an incomplete kubeconfig');
  return content.toString('utf8');
}

const headerBytes = 512;
/** Where the header of a tar entry has its size, in octal digits. */
const sizeField = { from: 124, to: 136 };
