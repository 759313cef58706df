import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureTools, inLines, ToolError } from '../toolchain';

/**
 * Checks workflows with the pinned actionlint: those of a repository, or the given files. What actionlint finds goes where our
 * output goes. shellcheck and pyflakes are not asked, because only some machines have them.
 * @returns actionlint's exit code: 0 nothing found, 1 findings, other numbers: it could not check
 * @throws ToolError if actionlint is neither present nor available
 */
export async function checkWorkflows(root: string, files: readonly string[] = []): Promise<number> {
  const { actionlint } = await ensureTools(
    ['actionlint'],
    inLines((line) => process.stderr.write(`${line}\n`)),
  );
  const options = ['-no-color', '-shellcheck=', '-pyflakes='];
  const { status, error } = spawnSync(actionlint, [...options, ...files], { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw new ToolError(`${actionlint}: ${error.message}`);
  return status ?? 3;
}

if (require.main === module) {
  void checkWorkflows(join(__dirname, '..', '..'), process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof ToolError ? error.message : String(error)}\n`);
      process.exitCode = 3;
    },
  );
}
