import pLimit from 'p-limit';
import { downloadedPath, versionProblem } from '../findTool';
import type { ToolName } from '../manifest';
import { downloadTool } from './downloadTool';
import { Unavailable, type Unreachable } from './failures';
import type { Http } from './http';
import { releaseHost, type Release, type Releases } from './releases';

/** Downloads at the same time. */
const width = 4;
/** Milliseconds between two reports of one download. */
const reportInterval = 250;

export interface DownloadEvents {
  readonly onBytes: (tool: ToolName, doneBytes?: number, totalBytes?: number) => void;
  readonly onDone: (tool: ToolName, path: string) => void;
  readonly onNote: (message: string, tool?: ToolName) => void;
}

/**
 * Splits tools by whether their publishers can be reached: asks all hosts together, so that a machine without network learns
 * it within one connect timeout.
 */
export async function reachableTools(
  http: Http,
  names: readonly ToolName[],
  releases: Releases,
): Promise<{ reachable: ToolName[]; unreachable: Unreachable[] }> {
  const hostOf = (name: ToolName): string => releaseHost(releases[name] as Release);
  const hosts = [...new Set(names.map(hostOf))];
  const problems = new Map(await Promise.all(hosts.map(async (host) => [host, await http.probe(host)] as const)));
  return {
    reachable: names.filter((name) => problems.get(hostOf(name)) === undefined),
    unreachable: [...problems.values()].filter((problem) => problem !== undefined),
  };
}

/** One line about hosts that cannot be reached. */
export function unreachableLine(unreachable: readonly Unreachable[]): string {
  const hosts = [...new Set(unreachable.map(({ host }) => host))].sort();
  const reasons = [...new Set(unreachable.map(({ reason }) => reason))].sort();
  return `cannot reach ${hosts.join(', ')} (${reasons.join(', ')}): downloads nothing from there`;
}

/**
 * Downloads tools from their publishers.
 * @param stop ends all downloads; what has arrived is kept for the next run
 * @returns the tools that are not available there; the reason is reported
 * @throws ToolError as soon as one is not what was expected
 */
export async function downloadTools(
  http: Http,
  names: readonly ToolName[],
  releases: Releases,
  scratch: string,
  { onBytes, onDone, onNote }: DownloadEvents,
  stop: AbortSignal,
): Promise<ToolName[]> {
  const limit = pLimit(width);
  const failed: ToolName[] = [];
  const download = async (tool: ToolName): Promise<void> => {
    if (stop.aborted) return;
    const release = releases[tool] as Release;
    const target = downloadedPath(tool, release);
    let reportedAt = 0;
    onBytes(tool);
    try {
      await downloadTool(http, {
        tool,
        release,
        target,
        scratch,
        versionProblem: (binary) => versionProblem(tool, binary),
        onBytes: (done, total) => {
          const now = Date.now();
          if (now - reportedAt < reportInterval && done !== total) return;
          reportedAt = now;
          onBytes(tool, done, total);
        },
        onNote: (message) => onNote(message, tool),
        signal: stop,
      });
      onDone(tool, target);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failed.push(tool);
      onNote(`not downloaded: ${error.message}`, tool);
    }
  };
  await Promise.all(names.map((name) => limit(download, name)));
  return failed;
}
