import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { baseVariable } from './base';

/** Creates the folder of the checkout whose lab the tests begin from, and removes it after the last file. */
export default function globalSetup(): void {
  if (process.env[baseVariable] !== undefined) return;
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'k8s-gitops-base-')));
  process.env[baseVariable] = root;
  process.on('exit', () => fs.rmSync(root, { recursive: true, force: true }));
}
