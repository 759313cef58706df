import { readState } from '../state';
import { scanLab, type ScanResult } from '../scan/scanLab';
import { savedContext } from '../up/savedContext';

/** `lab scan`: searches for the lab's secrets where they must not be. Returns the exit code: 0 if none is found, else 1. */
export async function scanCommand(
  root: string,
  json: boolean,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const ctx = savedContext(root);
  const startedAt = readState(ctx.dir)?.startedAt;
  const result = await scanLab(ctx, new Date(startedAt ?? 0), signal, progress);
  process.stdout.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : asText(result));
  return result.hits.length + result.open.length === 0 ? 0 : 1;
}

function asText({ secrets, looked, hits, open }: ScanResult): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const lines = [
    ...hits.map(({ place, offset, secret, form }) => `${place} at byte ${offset}: ${secret} (${form})`),
    ...open.map((store) => `${store}: readable by users other than its owner`),
    ...Object.entries(looked).map(([kind, { places, bytes }]) => `${kind}: ${places} places, ${megabytes(bytes)}`),
    `searched for ${secrets} secrets, found ${hits.length} where they must not be`,
  ];
  return `${lines.join('\n')}\n`;
}
