import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ToolSpec } from './manifest';
import { copyPatched } from './patchedModule';
import { runGo } from './runGo';

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
    const moduleFolder = join(toolsFolder, spec.module);
    const folder = spec.patchedModule ? join(scratch, 'module') : moduleFolder;
    if (spec.patchedModule) await copyPatched(spec.patchedModule, moduleFolder, folder);
    const variables = (spec.versionVariables ?? []).map((variable) => `-X ${variable}`);
    const output = join(scratch, 'binary');
    // Without -trimpath: with it, Go would compile a module again for every version that a go.mod replaces by another.
    const modFile = spec.modFile === undefined ? [] : [`-modfile=${spec.modFile}`];
    const flags = ['-ldflags', ['-s -w', ...variables].join(' '), '-o', output];
    await runGo(['build', ...modFile, ...flags, spec.package], folder);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(output, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
