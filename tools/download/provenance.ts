import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a downloaded tool is from; next to its binary. Built tools have no such record. */
export interface Provenance {
  readonly source: 'downloaded';
  /** The file or image. */
  readonly url: string;
  /** sha256 of the file, or of the image's index, in hex. */
  readonly sha256: string;
  /** What the digest was checked against. */
  readonly check: string;
}

/** The file with the record of a binary. */
export function provenanceFile(binary: string): string {
  return join(dirname(binary), 'provenance.json');
}

/** The record of a binary; undefined if it was not downloaded. */
export function provenanceOf(binary: string): Provenance | undefined {
  const file = provenanceFile(binary);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Provenance) : undefined;
}
