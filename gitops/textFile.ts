import { readFileSync, statSync } from 'node:fs';

/** Why a file has no text, with the fix; completes `<file>: `. */
export class TextFileError extends Error {}

/**
 * Reads a file as UTF-8, without its byte order mark. Only regular files are opened: reading a pipe would wait for a writer.
 * @throws TextFileError for anything else
 */
export function readTextFile(path: string): string {
  const problem = problemOf(path);
  if (problem !== undefined) throw new TextFileError(problem);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    // UTF-16 without a byte order mark is valid UTF-8 as long as it is English.
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new TextFileError(unreadable(error));
  }
  throw new TextFileError('is not UTF-8 text; save it as UTF-8');
}

function problemOf(path: string): string | undefined {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return undefined;
    return `is ${stats.isDirectory() ? 'a folder' : 'a pipe, socket or device'}; put a file in its place`;
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'file does not exist; create it or fix the path that references it';
  if (code === 'ENOTDIR') return 'file does not exist, because part of its path is a file; correct the path';
  if (code === 'ELOOP') return 'is a symbolic link to itself; put a file in its place';
  return `cannot be read (${code}); make it readable`;
}
