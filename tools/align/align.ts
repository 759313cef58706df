import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noArguments } from '../commandLine';
import { labTools, tools, type ToolSpec } from '../manifest';
import { copyPatched } from '../patchedModule';
import { runGo } from '../runGo';
import { ToolError } from '../toolError';
import { planVersions, type UsedModule } from './planVersions';
import { versionRules } from './sharedVersions';

const toolsFolder = join(__dirname, '..');

/** A Go module of one or more tools, and the copy of it that is edited. */
interface Copy {
  readonly module: string;
  readonly own: boolean;
  readonly patchedModule: string | undefined;
  readonly packages: readonly string[];
  readonly folder: string;
}

/** `npm run tools:align`: makes the tools agree on the versions of the Go modules that they share. */
async function main(args: readonly string[]): Promise<number> {
  const ended = noArguments('tools:align', 'Makes the tools agree on the versions of shared Go modules.', args);
  if (ended !== undefined) return ended;
  const scratch = mkdtempSync(join(tmpdir(), 'align-'));
  try {
    const copies = await copyModules(scratch);
    for (let round = 1; await alignOnce(copies); round++) {
      if (round === 10)
        throw new ToolError('tools/align: versions still change after 10 rounds; hold or free a module');
    }
    for (const copy of copies) {
      await tidy(copy);
      if (copy.patchedModule) {
        await go(copy, 'mod', 'edit', `-dropreplace=${copy.patchedModule}`);
        // While it is replaced, go.sum lacks its own checksum, and copyPatched would accept any source.
        await go(copy, 'mod', 'download', copy.patchedModule);
      }
      for (const file of ['go.mod', 'go.sum']) cpSync(join(copy.folder, file), join(toolsFolder, copy.module, file));
    }
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const go = (copy: Copy, ...args: string[]): Promise<string> => runGo(args, copy.folder);

async function copyModules(scratch: string): Promise<Copy[]> {
  const specs = labTools.map((name): ToolSpec => tools[name]);
  const copies = [...new Set(specs.map(({ module }) => module))].map((module): Copy => {
    const ofModule = specs.filter((spec) => spec.module === module);
    return {
      module,
      own: ofModule.some((spec) => spec.own ?? spec.standIn),
      patchedModule: ofModule[0]?.patchedModule,
      packages: ofModule.map((spec) => spec.package),
      folder: join(scratch, module),
    };
  });
  for (const { patchedModule, module, folder } of copies) {
    const original = join(toolsFolder, module);
    mkdirSync(folder, { recursive: true });
    if (patchedModule) await copyPatched(patchedModule, original, folder);
    else cpSync(original, folder, { recursive: true });
  }
  return copies;
}

/** Raises, holds and replaces versions once. Whether anything changed: a raised module may require more. */
async function alignOnce(copies: readonly Copy[]): Promise<boolean> {
  const used = new Map<Copy['module'], UsedModule[]>();
  for (const copy of copies) used.set(copy.module, await usedModules(copy));
  const plan = planVersions(used, versionRules);
  for (const copy of copies) {
    const edits = plan.get(copy.module) ?? [];
    if (edits.length > 0) await go(copy, 'mod', 'edit', ...edits);
  }
  return [...plan.values()].some((edits) => edits.length > 0);
}

/** The modules whose code is part of the tools or their tests. Adds to go.mod what their requirements need. */
async function usedModules(copy: Copy): Promise<UsedModule[]> {
  const format =
    '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{with .Replace}} {{.Version}}{{end}}{{end}}{{end}}';
  // Tests of our own programs share compiled packages with the tools, too.
  const packages = copy.own ? ['-test', './...'] : copy.packages;
  const output = await go(copy, 'list', '-mod=mod', '-deps', '-f', format, ...packages);
  return [...new Set(output.split('\n').filter((line) => line !== ''))].map((line) => {
    const [path = '', version = '', replacement] = line.split(' ');
    return { path, version, ...(replacement ? { replacement } : {}) };
  });
}

/** Removes requirements without code, and rewrites go.sum. `go mod tidy` would add what only others' tests need. */
async function tidy(copy: Copy): Promise<void> {
  writeFileSync(join(copy.folder, 'go.sum'), '');
  if (copy.own) {
    await go(copy, 'mod', 'tidy');
    return;
  }
  const used = new Set((await usedModules(copy)).map(({ path }) => path));
  const { Require = [] } = JSON.parse(await go(copy, 'mod', 'edit', '-json')) as { Require?: { Path: string }[] };
  const drops = Require.filter(({ Path }) => !used.has(Path)).map(({ Path }) => `-droprequire=${Path}`);
  if (drops.length > 0) await go(copy, 'mod', 'edit', ...drops);
  writeFileSync(join(copy.folder, 'go.sum'), '');
  await usedModules(copy);
}

if (require.main === module) {
  void main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof ToolError ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
