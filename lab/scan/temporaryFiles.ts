import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { filesBelow } from './filesBelow';

/**
 * Files in temporary folders modified since then. Skips checkouts of this project, however deep: this one is searched in the
 * other steps, and others have labs of their own.
 */
export function* temporaryFiles(root: string, since: Date, bases = temporaryFolders()): Generator<string> {
  const own = fs.realpathSync(root);
  const isCheckout = (place: string): boolean => place === own || fs.existsSync(path.join(place, 'lab', 'cli.ts'));
  for (const base of new Set(bases.flatMap((folder) => (fs.existsSync(folder) ? [fs.realpathSync(folder)] : [])))) {
    for (const file of filesBelow(base, isCheckout)) {
      const status = fs.lstatSync(file, { throwIfNoEntry: false });
      if (status !== undefined && status.mtime >= since) yield file;
    }
  }
}

function temporaryFolders(): string[] {
  return [os.tmpdir(), ...(process.env.XDG_RUNTIME_DIR ? [process.env.XDG_RUNTIME_DIR] : [])];
}
