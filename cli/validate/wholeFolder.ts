import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const record = 'sizes.json';

/** Records the size of every file of a folder, so that a later run notices what a full disk or a killed copy left. */
export function recordSizes(folder: string): void {
  writeFileSync(join(folder, record), JSON.stringify(sizesOf(folder)));
}

/** Whether a folder has every file that was recorded, in full. */
export function isWhole(folder: string): boolean {
  if (!statSync(folder).isDirectory() || !existsSync(join(folder, record))) return false;
  try {
    const recorded = JSON.parse(readFileSync(join(folder, record), 'utf8')) as Record<string, number>;
    const found = sizesOf(folder);
    return Object.entries(recorded).every(([file, size]) => found[file] === size);
  } catch {
    return false;
  }
}

function sizesOf(folder: string): Record<string, number> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== record);
  return Object.fromEntries(files.map(({ name }) => [name, statSync(join(folder, name)).size]));
}
