import * as fs from 'node:fs';
import * as path from 'node:path';
import { git, gitText } from '../services/git/git';

/**
 * The regular files of a checkout whose content differs from that in a commit, with those that only one of them has; sorted.
 * Ignored files do not count, and neither do modes.
 * @param repository the bare repository with the commit, as `publish` wrote it; it is only read
 */
export function changedFiles(root: string, repository: string, commit: string): string[] {
  const before = new Map<string, string>();
  const bare = { cwd: root, gitDir: repository };
  for (const line of gitText(['ls-tree', '-r', '-z', commit], bare).split('\0')) {
    const [, mode, id, file] = /^(\d+) blob (\S+)\t(.*)$/s.exec(line) ?? [];
    if (mode?.startsWith('100') === true && id !== undefined && file !== undefined) before.set(file, id);
  }
  const listed = gitText(['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root }).split('\0');
  const files = [...new Set(listed)].filter(
    (file) => file !== '' && fs.lstatSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true,
  );
  const options = { ...bare, workTree: root, input: files.join('\n') };
  const ids = files.length === 0 ? [] : git(['hash-object', '--stdin-paths'], options).stdout.toString().split('\n');
  const now = new Map(files.map((file, at) => [file, ids[at]]));
  return [...new Set([...before.keys(), ...now.keys()])].filter((file) => before.get(file) !== now.get(file)).sort();
}
