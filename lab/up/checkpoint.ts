import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Puts the backup of a stack's state in the place of a state that a killed run left half written, as one does by hand with
 * Pulumi's file backend. Whether it had to; throws if the backup cannot be read either.
 */
export function mendCheckpoint(labDir: string, project: string, stack: string): boolean {
  const file = path.join(labDir, 'pulumi', 'state', '.pulumi', 'stacks', project, `${stack}.json`);
  if (!fs.existsSync(file) || isJson(file)) return false;
  const backup = `${file}.bak`;
  if (!fs.existsSync(backup) || !isJson(backup)) {
    throw new Error(`${file} is no JSON any more, nor is its backup; \`npm run lab -- reset\` makes a new lab`);
  }
  fs.copyFileSync(backup, file);
  return true;
}

function isJson(file: string): boolean {
  try {
    JSON.parse(fs.readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
