import * as fs from 'node:fs';
import * as path from 'node:path';
import { stopProcesses } from '../executor/executor';
import { killMarked } from '../executor/stopProcess';
import { takeLock } from '../lock';
import { forgetReservations, isListening } from '../ports';
import { readState, writeState } from '../state';

/** Stops everything of the lab; its state stays, so that `up` brings the same clusters back. */
export async function down(labDir: string, progress: (line: string) => void): Promise<void> {
  const state = readState(labDir);
  if (state !== undefined) {
    await stopProcesses(state.parts, {
      labDir,
      progress,
      onStopped: (name) => {
        state.parts = state.parts.filter((part) => part.name !== name);
        writeState(labDir, state);
      },
    });
  }
  const left = await killMarked(labDir);
  if (left > 0) progress(`stopped ${left} process(es) that were left behind`);
  const open = Object.entries(state?.ports ?? {}).filter(([, port]) => isListening('127.0.0.1', port));
  if (open.length > 0) {
    throw new Error(
      `still open after down: ${open.map(([name, port]) => `${name} (${port})`).join(', ')}; see ss -ltnp`,
    );
  }
  forgetReservations(labDir);
  progress('the lab is down');
}

/** `lab down` as a command: takes the lab's lock first. */
export async function downCommand(root: string, progress: (line: string) => void): Promise<void> {
  const labDir = path.join(root, '.lab');
  if (!fs.existsSync(labDir)) {
    progress('there is no lab in this checkout');
    return;
  }
  const release = takeLock(labDir, 'down');
  try {
    await down(labDir, progress);
  } finally {
    release();
  }
}

/** `lab reset`: down, then the lab's folder is removed with all clusters, state and secrets in it. */
export async function resetCommand(root: string, progress: (line: string) => void): Promise<void> {
  const labDir = path.join(root, '.lab');
  if (!fs.existsSync(labDir)) {
    progress('there is no lab in this checkout');
    return;
  }
  const release = takeLock(labDir, 'reset');
  try {
    // A state file that cannot be read must not make reset impossible: everything of the lab carries its marker.
    await down(labDir, progress).catch(async (error: Error) => {
      progress(error.message);
      await killMarked(labDir);
    });
    for (const name of fs.readdirSync(labDir)) {
      if (name !== 'lock') fs.rmSync(path.join(labDir, name), { recursive: true, force: true });
    }
  } finally {
    release();
  }
  fs.rmSync(labDir, { recursive: true, force: true });
  progress('the lab is removed');
}
