import * as fs from 'node:fs';
import * as path from 'node:path';
import { stopProcesses } from '../executor/executor';
import { killMarked } from '../executor/stopProcess';
import { takeLock } from '../lock';
import { forgetReservations, isListening } from '../ports';
import { readState, writeState } from '../state';

/** Stops everything in the lab. Keeps its state, so that `up` restores the same clusters. */
export async function down(labDir: string, progress: (line: string) => void): Promise<void> {
  const state = readState(labDir);
  if (state !== undefined) {
    await stopProcesses(state.parts, {
      labDir,
      progress,
      onStopped: (name) => {
        state.parts = state.parts.filter((started) => started.name !== name);
        writeState(labDir, state);
      },
    });
  }
  const left = await killMarked(labDir);
  if (left > 0) progress(`stopped ${left} leftover process(es)`);
  const open = Object.entries(state?.ports ?? {}).filter(([, port]) => isListening('127.0.0.1', port));
  if (open.length > 0) {
    throw new Error(
      `ports still in use after down: ${open.map(([name, port]) => `${name} (${port})`).join(', ')}; see ss -ltnp`,
    );
  }
  forgetReservations(labDir);
  progress('the lab is down');
}

/** `lab down`. */
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

/** `lab reset`: `lab down`, then deletes the lab's folder with all clusters, state and secrets. */
export async function resetCommand(root: string, progress: (line: string) => void): Promise<void> {
  const labDir = path.join(root, '.lab');
  if (!fs.existsSync(labDir)) {
    progress('there is no lab in this checkout');
    return;
  }
  const release = takeLock(labDir, 'reset');
  try {
    // An unreadable state file must not prevent a reset: every process of the lab has its marker.
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
  progress('the lab was deleted');
}
