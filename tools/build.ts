import { parseArgs } from 'node:util';
import { cacheFolder } from './cacheFolder';
import { examples, reportOutputErrors } from './commandLine';
import { startDisplay } from './display/display';
import { provenanceOf } from './download/provenance';
import { tools, type ToolName } from './manifest';
import { ensureTools, toolModes, ToolError, type ToolMode, type ToolProgress } from './toolchain';
import { showTools, toolsStep } from './toolSteps';

const usage = `usage: npm run tools [-- [--tools ${toolModes.join('|')}] [name…]]`;

const description =
  'Provides the pinned programs of the lab that are missing, and prints where each one is and where it is from.';
const help = examples([
  ['npm run tools', 'all of them'],
  ['npm run tools -- helm kubectl', 'only these'],
  ['npm run tools -- --tools build', 'from their pinned Go modules, without their publishers'],
]);

/** `npm run tools [-- name…]`: provides what is missing and prints each tool's path and where it is from. */
async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(`${usage}\n\n${description}\n\nnames: ${Object.keys(tools).join(', ')}\n${help}\n`);
    return 0;
  }
  const { names, mode } = options(args);
  const provided = new Set<ToolName>();
  const display = startDisplay({ title: 'npm run tools', estimates: `tools-${mode}`, stream: process.stderr });
  const show = showTools(display);
  const onProgress = (progress: ToolProgress): void => {
    if (progress.kind === 'tool' && progress.phase === 'done') provided.add(progress.tool);
    show(progress);
  };
  display.step({ id: toolsStep, state: 'running' });
  const paths = await ensureTools(names, onProgress, { mode }).catch((error: unknown) => {
    display.end('failed');
    throw error;
  });
  display.step({ id: toolsStep, state: 'done', detail: `${names.length} present` });
  display.end('done');
  for (const name of names)
    process.stdout.write(`${name}\t${paths[name]}\t${originOf(paths[name], provided.has(name))}\n`);
  return 0;
}

/** Where a binary is from, in words. */
function originOf(path: string, providedNow: boolean): string {
  const provenance = provenanceOf(path);
  if (!provenance && !path.startsWith(`${cacheFolder()}/`)) return 'PATH';
  const origin = provenance
    ? `downloaded from ${provenance.url}, checked against ${provenance.check}`
    : 'built from its pinned module';
  return providedNow ? origin : `cache, ${origin}`;
}

function options(args: readonly string[]): { names: ToolName[]; mode: ToolMode } {
  const { values, positionals } = parse(args);
  const mode = toolModes.find((candidate) => candidate === (values.tools ?? 'auto'));
  if (mode === undefined) throw new ToolError(`--tools: found ${values.tools}, expected ${toolModes.join(', ')}`);
  const unknown = positionals.filter((name) => !Object.hasOwn(tools, name));
  if (unknown.length > 0) {
    throw new ToolError(`unknown tool ${unknown.join(', ')}; known: ${Object.keys(tools).join(', ')}`);
  }
  return { names: (positionals.length > 0 ? positionals : Object.keys(tools)) as ToolName[], mode };
}

function parse(args: readonly string[]): { values: { tools?: string }; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: { tools: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new ToolError(`${(error as Error).message}\n${usage}`);
  }
}

if (require.main === module) {
  reportOutputErrors('tools', 1);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  void main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${error instanceof ToolError ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
