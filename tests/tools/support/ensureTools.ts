import type { Releases } from '../../../tools/download/releases';
import type { ToolName } from '../../../tools/manifest';
import { ensureTools } from '../../../tools/toolchain';

/** Runs ensureTools as a process of its own, and prints its events and paths as JSON. */
async function main([names = '[]', toolsFolder, releases = '{}']: readonly string[]): Promise<void> {
  const events: object[] = [];
  const paths = await ensureTools(JSON.parse(names) as ToolName[], (event) => events.push(event), {
    toolsFolder,
    releases: JSON.parse(releases) as Releases,
  });
  process.stdout.write(JSON.stringify({ events, paths }));
}

void main(process.argv.slice(2));
