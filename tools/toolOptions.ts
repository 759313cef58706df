import type { HttpOptions } from './download/http';
import type { Releases } from './download/releases';

export const toolModes = ['auto', 'download', 'build'] as const;
/**
 * Where tools may come from.
 * - `auto`: PATH, the cache, their publishers; built if none of them has it
 * - `download`: the same, but a tool that its publisher offers is not built if the download fails
 * - `build`: built from the pinned modules, by this run or an earlier one; neither PATH nor downloads
 */
export type ToolMode = (typeof toolModes)[number];

/** Options of `ensureTools`. */
export interface ToolOptions {
  /** `auto` if absent. */
  readonly mode?: ToolMode;
  /** Folder of the modules. */
  readonly toolsFolder?: string;
  /** What publishers offer. */
  readonly releases?: Releases;
  /** How publishers are reached. */
  readonly http?: HttpOptions;
}
