import { createReadStream, createWriteStream } from 'node:fs';
import { posix } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { Unavailable } from './failures';

/** No binary is larger. */
const mostMemberBytes = 512 * 1024 * 1024;

/** What a tar archive says about one path. */
export type MemberState = 'extracted' | 'absent' | 'removed';

/**
 * Extracts one regular file of a tar archive (gzip or plain) to `target`. Nothing else is written, whatever the other
 * entries are called. The last entry with the path wins, as in tar.
 *
 * In the layer of an image, `removed` reports that a whiteout hides the path in the layers below.
 * @throws Unavailable if the file is a link or too large, or the archive is damaged
 */
export async function extractMember(archive: string, member: string, target: string): Promise<MemberState> {
  let state: MemberState = 'absent';
  let writing: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const source = createReadStream(archive);
    const fail = (error: Error): void => {
      source.destroy();
      reject(error instanceof Unavailable ? error : new Unavailable(`the archive is damaged (${error.message})`));
    };
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        const path = normalized(entry.path);
        if (state === 'absent' && hides(path, member)) state = 'removed';
        const problem = path === member ? problemOf(entry) : undefined;
        if (problem !== undefined) fail(new Unavailable(`${member} in the archive ${problem}`));
        if (path !== member || problem !== undefined) {
          entry.resume();
          return;
        }
        state = 'extracted';
        writing = writing.then(() => write(entry, target));
        writing.catch(fail);
      },
    });
    parser.on('error', fail);
    parser.on('end', () => resolve());
    source.on('error', fail);
    source.pipe(parser);
  });
  await writing;
  return state;
}

/** Paths in archives may begin with `./` or `/`; in an image, both mean its root. */
const normalized = (path: string): string => posix.normalize(path).replace(/^\/+/, '').replace(/\/$/, '');

function problemOf({ type, size }: ReadEntry): string | undefined {
  if (type !== 'File' && type !== 'OldFile') return `is a ${type}, expected a file`;
  return size > mostMemberBytes ? `has ${size} bytes, expected at most ${mostMemberBytes}` : undefined;
}

/** Whether a whiteout of an image's layer hides a path: it removes the path or a folder of it, or empties such a folder. */
export function hides(whiteout: string, member: string): boolean {
  const folder = posix.dirname(whiteout);
  const name = posix.basename(whiteout);
  if (!name.startsWith('.wh.')) return false;
  const emptied = name === '.wh..wh..opq';
  const removed = emptied ? folder : posix.join(folder, name.slice('.wh.'.length));
  if (emptied && removed === '.') return true;
  return (!emptied && member === removed) || member.startsWith(`${removed}/`);
}

async function write(entry: ReadEntry, target: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const output = createWriteStream(target, { mode: 0o755 });
    output.on('error', reject);
    output.on('close', resolve);
    entry.on('error', reject);
    entry.pipe(output);
  });
}
