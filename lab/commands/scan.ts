import { readState } from '../state';
import { scanLab, type ScanResult } from '../scan/scanLab';
import { savedContext } from '../up/savedContext';

/** `lab scan`: looks for the lab's secrets where none may be. Returns the exit code: 0 none found, 1 otherwise. */
export async function scanCommand(root: string, json: boolean, signal: AbortSignal): Promise<number> {
  const ctx = savedContext(root);
  const startedAt = readState(ctx.dir)?.startedAt;
  const result = await scanLab(ctx, new Date(startedAt ?? 0), signal);
  process.stdout.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : asText(result));
  return result.hits.length + result.open.length === 0 ? 0 : 1;
}

function asText({ secrets, looked, hits, open }: ScanResult): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const lines = [
    ...hits.map(({ place, offset, secret, form }) => `${place} at byte ${offset}: ${secret} (${form})`),
    ...open.map((store) => `.lab/${store}: others than its owner can read it`),
    ...Object.entries(looked).map(([kind, { places, bytes }]) => `${kind}: ${places} places, ${megabytes(bytes)}`),
    `${secrets} secrets looked for, ${hits.length} found where none may be`,
  ];
  return `${lines.join('\n')}\n`;
}
