import * as path from 'node:path';
import type { PluginChoice } from './context';
import type { StartedProcess } from './executor/startProcess';
import { readJson, writePrivate } from './files';

/** State of a lab for other commands, stored in `.lab/state.json`. Contains no secrets. */
export interface LabState {
  format: 2;
  /** First two octets of the nodes' endpoints. */
  prefix: string;
  ports: Record<string, number>;
  ha: boolean;
  plugins: PluginChoice;
  /** ISO time of the first start. */
  startedAt: string;
  /** Names of the clusters, in the order of the stack files. */
  clusters: string[];
  /** Started processes in start order. Called `parts` in state files of format 2. */
  parts: StartedProcess[];
  /** Absolute paths of the lab's tools, by name. */
  tools: Record<string, string>;
  /** The commit last published to the lab's Git; absent before the first. */
  commit?: string;
}

/** Path of the state file of a lab folder. */
export function stateFile(labDir: string): string {
  return path.join(labDir, 'state.json');
}

/** The state of a lab; undefined if there is none. */
export function readState(labDir: string): LabState | undefined {
  const file = stateFile(labDir);
  const state = readJson<LabState>(file);
  if (state !== undefined && state.format !== 2) {
    throw new Error(
      `${file} was written by another version of this project; \`npm run lab -- reset\` creates a new lab`,
    );
  }
  return state;
}

/** Saves the state atomically. */
export function writeState(labDir: string, state: LabState): void {
  writePrivate(stateFile(labDir), `${JSON.stringify(state, undefined, 2)}\n`);
}
