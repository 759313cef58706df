import { tools, type ToolName } from './manifest';
import { ensureTools, ToolError, type ToolProgress } from './toolchain';

/** One line for the screen about what the toolchain is doing. */
export function progressLine(progress: ToolProgress): string {
  switch (progress.kind) {
    case 'waiting':
      return `tools: another run (process ${progress.pid}) is building; waiting for it`;
    case 'building':
      return `tools: building ${progress.tool} ${tools[progress.tool].version} (${progress.done}/${progress.total} done)`;
    case 'built':
      return `tools: built ${progress.tool} (${progress.done}/${progress.total} done)`;
  }
}

/** `npm run tools [-- name…]`: builds what is missing and prints each path. */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((name) => !(name in tools));
  if (unknown.length > 0) {
    process.stderr.write(`unknown tool ${unknown.join(', ')}; known: ${Object.keys(tools).join(', ')}\n`);
    return 1;
  }
  const names = (args.length > 0 ? args : Object.keys(tools)) as ToolName[];
  try {
    const paths = await ensureTools(names, (progress) => process.stderr.write(`${progressLine(progress)}\n`));
    for (const name of names) process.stdout.write(`${name}\t${paths[name]}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof ToolError ? error.message : String(error)}\n`);
    return 1;
  }
}

if (require.main === module) {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  void main(process.argv.slice(2)).then((code) => process.exit(code));
}
