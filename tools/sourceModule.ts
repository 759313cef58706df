import { mkdirSync } from 'node:fs';
import { cacheFolder } from './cacheFolder';
import { sourceModules } from './manifest';
import { runGo } from './runGo';
import { ToolError } from './toolError';

/**
 * The folder of a pinned Go module whose files (CRDs, charts, manifests) are read; downloaded when it is not there.
 * @throws ToolError when the module is not in the manifest, cannot be had, or has another checksum than committed.
 */
export async function moduleDir(path: string): Promise<string> {
  const pin = sourceModules[path];
  if (!pin) throw new ToolError(`${path}: not in sourceModules of tools/manifest.ts; add it with version and checksum`);
  const cwd = cacheFolder();
  mkdirSync(cwd, { recursive: true });
  const answer = JSON.parse(await runGo(['mod', 'download', '-json', `${path}@${pin.version}`], cwd)) as {
    Dir: string;
    Sum: string;
  };
  if (answer.Sum !== pin.sum) {
    throw new ToolError(
      `${path}@${pin.version}: checksum is ${answer.Sum}, tools/manifest.ts has ${pin.sum}.\n` +
        '  What to do: do not use it; find out who changed the module before you change the pin.',
    );
  }
  return answer.Dir;
}
