import * as path from 'node:path';
import { readState } from '../state';
import { connectToken } from '../services/connect/key';

/** Flags of `lab token`. */
export interface TokenFlags {
  vault: string;
  access: 'read' | 'write';
  expires?: string;
}

/** `lab token`: issues a token that the lab's Connect accepts, as 1Password's website would, and prints it. */
export function tokenCommand(root: string, { vault, access, expires }: TokenFlags): void {
  const labDir = path.join(root, '.lab');
  if (readState(labDir) === undefined) throw new Error('there is no lab in this checkout; `npm run lab` starts it');
  const until = expires === undefined ? undefined : new Date(expires);
  if (Number.isNaN(until?.getTime()))
    throw new Error(`--expires ${expires}: expected a time such as 2026-01-31T12:00Z`);
  process.stdout.write(`${connectToken(labDir, [vault], access, until)}\n`);
}
