import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A kubeconfig for a child process. */
export interface KubeconfigFile {
  /** Value of KUBECONFIG. */
  path: string;
  /** Descriptors that the child must inherit, starting at 3. */
  files: number[];
  close(): Promise<void>;
}

/**
 * Writes a kubeconfig for a child process. On Linux the file is unlinked before it is written, so a SIGKILL leaves
 * nothing on disk. Elsewhere it is a file (0600) in `directory`, which a later run removes if this one cannot.
 */
export async function kubeconfigFile(directory: string, text: string): Promise<KubeconfigFile> {
  const file = join(directory, 'kubeconfig');
  const handle = await open(file, 'wx+', 0o600);
  try {
    const unlinked = process.platform === 'linux';
    if (unlinked) await unlink(file);
    await handle.writeFile(text);
    // Opening this path starts at the beginning of the file; reading the inherited descriptor would share its offset.
    const shared = unlinked ? { path: '/proc/self/fd/3', files: [handle.fd] } : { path: file, files: [] };
    return { ...shared, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
