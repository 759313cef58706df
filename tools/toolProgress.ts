import { tools, type ToolName } from './manifest';

/** Where a tool comes from: found on PATH or in the cache, downloaded from its publisher, or built by this run. */
export type ToolSource = 'path' | 'cache' | 'downloaded' | 'built';

/** What `ensureTools` reports while it provides tools. */
export type ToolProgress =
  /** Another process provides tools. This one waits for it. */
  | { readonly kind: 'waiting'; readonly pid: number }
  /** The tools that are missing, in the order of their lanes. Reported once, before the first of them starts. */
  | { readonly kind: 'missing'; readonly tools: readonly ToolName[] }
  /** Something worth a line of its own: why a tool is built instead of downloaded, a download that continues. */
  | { readonly kind: 'note'; readonly tool?: ToolName; readonly message: string }
  /** A tool starts a phase, proceeds in it, or is done. */
  | ToolStep;

/** One step of one tool. Downloads repeat theirs as bytes arrive, at most a few times a second. */
export interface ToolStep {
  readonly kind: 'tool';
  readonly tool: ToolName;
  /** A tool that cannot be downloaded goes from `download` to `build`. */
  readonly phase: 'download' | 'build' | 'done';
  /** Where the tool comes from if this phase succeeds. */
  readonly source: ToolSource;
  /** Bytes received so far; downloads only, and absent when one starts. */
  readonly doneBytes?: number;
  /** Bytes of the whole download, if the publisher states it; downloads only. */
  readonly totalBytes?: number;
  /** Tools that are done, of those that were missing. */
  readonly done: number;
  readonly total: number;
}

/** One line that describes the progress; undefined for bytes that arrived, of which there is no end. */
export function progressLine(progress: ToolProgress): string | undefined {
  switch (progress.kind) {
    case 'waiting':
      return `tools: another run (process ${progress.pid}) provides tools; waiting for it`;
    case 'missing':
      return undefined;
    case 'note':
      return `tools: ${progress.tool === undefined ? '' : `${progress.tool}: `}${progress.message}`;
    case 'tool':
      return stepLine(progress);
  }
}

function stepLine({ tool, phase, source, doneBytes, done, total }: ToolStep): string | undefined {
  if (phase === 'done') return `tools: ${source} ${tool} (${done}/${total} done)`;
  if (doneBytes !== undefined) return undefined;
  const doing = phase === 'download' ? 'downloading' : 'building';
  return `tools: ${doing} ${tool} ${tools[tool].version} (${done}/${total} done)`;
}

/** Prints the progress line by line. */
export function inLines(print: (line: string) => void): (progress: ToolProgress) => void {
  return (progress) => {
    const line = progressLine(progress);
    if (line !== undefined) print(line);
  };
}
