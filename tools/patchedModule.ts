import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import execa from 'execa';
import { runGo } from './runGo';
import { ToolError } from './toolError';

/**
 * Copies a program's source to `<folder>/source`, applies `source.patch`, and writes a go.mod to `folder` that uses the copy.
 * @param modulePath the Go module that contains the program
 * @param moduleFolder the folder with go.mod, go.sum and source.patch
 * @throws ToolError if the patch does not match the source
 */
export async function copyPatched(modulePath: string, moduleFolder: string, folder: string): Promise<void> {
  // Go checks the download against the committed go.sum.
  const download = JSON.parse(await runGo(['mod', 'download', '-json', modulePath], moduleFolder)) as { Dir: string };
  const source = join(folder, 'source');
  cpSync(download.Dir, source, { recursive: true });
  await applyPatch(join(moduleFolder, 'source.patch'), source);
  const mod = readFileSync(join(moduleFolder, 'go.mod'), 'utf8');
  writeFileSync(join(folder, 'go.mod'), `${mod}\nreplace ${modulePath} => ./source\n`);
  cpSync(join(moduleFolder, 'go.sum'), join(folder, 'go.sum'));
}

/**
 * Applies a patch (paths below `a/` and `b/`) to a folder.
 * @throws ToolError if it does not match
 */
export async function applyPatch(patch: string, folder: string): Promise<void> {
  try {
    // If the folder were part of a repository, git would skip files that are not, and report success.
    await execa('git', ['apply', patch], {
      cwd: folder,
      env: { GIT_CEILING_DIRECTORIES: dirname(folder), GIT_DIR: undefined },
      stdin: 'ignore',
    });
  } catch (error) {
    throw new ToolError(
      `${patch}: ${(error as execa.ExecaError).stderr || (error as execa.ExecaError).shortMessage}\n` +
        `  Fix: adapt the patch to the source in the pinned version (found in ${folder}).`,
    );
  }
}
