import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ToolSpec } from './manifest';
import { runGo } from './runGo';
import { moduleDir } from './sourceModule';

/**
 * Builds one tool to `target` atomically: a killed build leaves only its scratch folder behind.
 * @param scratchParent a folder on the same file system as `target`
 * @throws ToolError with the last lines of the compiler's output
 */
export async function buildTool(
  spec: ToolSpec,
  target: string,
  toolsFolder: string,
  scratchParent: string,
): Promise<void> {
  mkdirSync(scratchParent, { recursive: true });
  const scratch = mkdtempSync(join(scratchParent, 'build-'));
  try {
    const folder = spec.missingFile
      ? await withMissingFile(spec.missingFile, join(toolsFolder, spec.module), scratch)
      : join(toolsFolder, spec.module);
    const variables = (spec.versionVariables ?? []).map((variable) => `-X ${variable}`);
    const output = join(scratch, 'binary');
    await runGo(
      ['build', '-trimpath', '-ldflags', ['-s -w', ...variables].join(' '), '-o', output, spec.package],
      folder,
    );
    mkdirSync(dirname(target), { recursive: true });
    renameSync(output, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A copy of the module with the file that its archive lacks, with our go.mod pointing at the copy. */
async function withMissingFile(
  missing: NonNullable<ToolSpec['missingFile']>,
  moduleFolder: string,
  scratch: string,
): Promise<string> {
  const folder = join(scratch, 'module');
  cpSync(await moduleDir(missing.module), join(folder, 'source'), { recursive: true });
  const file = join(folder, 'source', missing.file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '<!-- not part of the module archive; the lab does not serve it -->\n');
  const mod = readFileSync(join(moduleFolder, 'go.mod'), 'utf8');
  writeFileSync(join(folder, 'go.mod'), `${mod}\nreplace ${missing.module} => ./source\n`);
  cpSync(join(moduleFolder, 'go.sum'), join(folder, 'go.sum'));
  return folder;
}
