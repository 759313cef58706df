import { tools, type ToolName } from './manifest';
import { ensureTools, inLines, ToolError } from './toolchain';

/** `npm run tools [-- name…]`: builds what is missing and prints each path. */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((name) => !(name in tools));
  if (unknown.length > 0) {
    process.stderr.write(`unknown tool ${unknown.join(', ')}; known: ${Object.keys(tools).join(', ')}\n`);
    return 1;
  }
  const names = (args.length > 0 ? args : Object.keys(tools)) as ToolName[];
  try {
    const paths = await ensureTools(
      names,
      inLines((line) => void process.stderr.write(`${line}\n`)),
    );
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
