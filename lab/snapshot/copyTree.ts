import * as fs from 'node:fs';
import * as path from 'node:path';

/** What was copied: regular files, and the sum of their sizes in bytes. */
export interface CopiedTree {
  files: number;
  bytes: number;
}

/** Options of {@link copyTree}. */
export interface CopyOptions {
  /** Whether to leave out an entry and everything below it. `relative` is its path from the top, with `/`. */
  skip?: (relative: string, entry: fs.Dirent) => boolean;
  /** Rewrites the target of a symbolic link. Default: the same target. */
  link?: (target: string) => string;
}

/** Larger files are copied without their zeros: half of an etcd member is preallocated. */
const sparseFrom = 1 << 20;

/** Fits into the processor's cache. */
const chunk = 1 << 17;

/**
 * Copies a folder with its modes, by reference where the file system can and sparsely where it cannot. The target must not
 * exist. Sockets and pipes are left out.
 */
export function copyTree(from: string, to: string, options: CopyOptions = {}): CopiedTree {
  const copied: CopiedTree = { files: 0, bytes: 0 };
  const copyFolder = (source: string, target: string, relative: string): void => {
    fs.mkdirSync(target, { mode: 0o700 });
    for (const entry of fs.readdirSync(source, { withFileTypes: true })) {
      const name = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (options.skip?.(name, entry) === true) continue;
      const [here, there] = [path.join(source, entry.name), path.join(target, entry.name)];
      if (entry.isDirectory()) copyFolder(here, there, name);
      else if (entry.isSymbolicLink()) fs.symlinkSync((options.link ?? String)(fs.readlinkSync(here)), there);
      else if (entry.isFile()) {
        copied.files += 1;
        copied.bytes += copyFile(here, there);
      }
    }
    fs.chmodSync(target, fs.statSync(source).mode & 0o777);
  };
  copyFolder(from, to, '');
  return copied;
}

/** Files and bytes of a copy, to detect one that is not whole. */
export function sizeOfTree(folder: string): CopiedTree {
  const found: CopiedTree = { files: 0, bytes: 0 };
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    found.files += 1;
    found.bytes += fs.statSync(path.join(entry.parentPath, entry.name)).size;
  }
  return found;
}

/** Copies a file and returns its size. */
function copyFile(from: string, to: string): number {
  const { size, mode } = fs.statSync(from);
  if (size < sparseFrom || isCloned(from, to)) {
    if (size < sparseFrom) fs.copyFileSync(from, to);
    return size;
  }
  const [source, target] = [fs.openSync(from, 'r'), fs.openSync(to, 'wx', mode & 0o777)];
  try {
    const buffer = Buffer.alloc(chunk);
    const zeros = Buffer.alloc(chunk);
    for (let at = 0; at < size;) {
      const read = fs.readSync(source, buffer, 0, buffer.length, at);
      if (read === 0) break;
      if (buffer.compare(zeros, 0, read, 0, read) !== 0) fs.writeSync(target, buffer, 0, read, at);
      at += read;
    }
    fs.ftruncateSync(target, size);
  } finally {
    fs.closeSync(source);
    fs.closeSync(target);
  }
  return size;
}

/** Shares the file's blocks, on file systems such as Btrfs and XFS. */
function isCloned(from: string, to: string): boolean {
  try {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    fs.rmSync(to, { force: true });
    return false;
  }
}
