import * as path from 'node:path';
import type { PluginChoice } from './context';
import type { StartedPart } from './executor/startProcess';
import { readJson, writePrivate } from './files';

/** What another shell needs to know of a lab, kept in `.lab/state.json`. Holds no secret. */
export interface LabState {
  format: 2;
  /** First two octets of the nodes' endpoints. */
  prefix: string;
  ports: Record<string, number>;
  ha: boolean;
  plugins: PluginChoice;
  /** ISO time of the first start. */
  startedAt: string;
  /** Clusters of this lab: names in order of the stack files. */
  clusters: string[];
  /** In the order of their start. */
  parts: StartedPart[];
  /** Tools of this lab, absolute paths by name. */
  tools: Record<string, string>;
  /** The commit that was last published to the lab's Git; absent before the first. */
  commit?: string;
}

/** Path of the state file of a lab folder. */
export function stateFile(labDir: string): string {
  return path.join(labDir, 'state.json');
}

/** The state of a lab, undefined when there is none. */
export function readState(labDir: string): LabState | undefined {
  const file = stateFile(labDir);
  const state = readJson<LabState>(file);
  if (state !== undefined && state.format !== 2) {
    throw new Error(`${file} is of another version of this project; \`npm run lab -- reset\` makes a new lab`);
  }
  return state;
}

/** Saves the state, at once and whole. */
export function writeState(labDir: string, state: LabState): void {
  writePrivate(stateFile(labDir), `${JSON.stringify(state, undefined, 2)}\n`);
}
