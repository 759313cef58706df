import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A kubeconfig that one child process can read. */
export interface KubeconfigFile {
  /** What KUBECONFIG is to say. */
  path: string;
  /** Descriptors that the child must inherit, the first as 3. */
  files: number[];
  close(): Promise<void>;
}

/**
 * Writes a kubeconfig for a child process. On Linux it has no name any more when it is written: a SIGKILL leaves nothing
 * on disk. Elsewhere it is a file (0600) in `directory`, which a later run removes if this one cannot.
 */
export async function kubeconfigFile(directory: string, text: string): Promise<KubeconfigFile> {
  const file = join(directory, 'kubeconfig');
  const handle = await open(file, 'wx+', 0o600);
  try {
    const nameless = process.platform === 'linux';
    if (nameless) await unlink(file);
    await handle.writeFile(text);
    // Each opening of this path starts at the beginning; a descriptor passed on would share its place in the file.
    const shared = nameless ? { path: '/proc/self/fd/3', files: [handle.fd] } : { path: file, files: [] };
    return { ...shared, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
