import * as fs from 'node:fs';
import * as path from 'node:path';

const folder = path.join(__dirname, '../../docs/recordings');

/** Compares a text with a file of docs/recordings; with `UPDATE_RECORDINGS=1`, writes the file first. */
export function expectRecording(name: string, text: string): void {
  const file = path.join(folder, name);
  if (process.env.UPDATE_RECORDINGS !== undefined) fs.writeFileSync(file, text);
  expect(text).toBe(fs.readFileSync(file, 'utf8'));
}
