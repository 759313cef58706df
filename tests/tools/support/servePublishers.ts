import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hostArchitecture, releasesFor, type Release } from '../../../tools/download/releases';
import { cachedPath } from '../../../tools/findTool';
import { tools, type ToolName } from '../../../tools/manifest';
import { publishRelease } from './publish';
import { startPublishers } from './publishers';

const usage = 'usage: node --import tsx tests/tools/support/servePublishers.ts <folder> [tool…] [--rate <MB/s>]';

/**
 * Serves the built tools of this machine's cache, or the named ones, as if it were their publishers. `<folder>` keeps the archives and images
 * between runs, and `<folder>/digests.json` has their digests, in the form of tools/download/digests.json.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { rate: { type: 'string' } }, allowPositionals: true });
  const [folder, ...names] = positionals;
  if (folder === undefined) throw new Error(usage);
  const architecture = hostArchitecture();
  if (architecture === undefined) throw new Error('no publisher builds for this machine');
  const root = resolve(folder);
  mkdirSync(root, { recursive: true });
  const record = join(root, 'digests.json');
  const digests = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Record<string, object>) : {};
  for (const [name, release] of Object.entries(releasesFor(architecture, {})) as [ToolName, Release][]) {
    const binary = cachedPath(name, resolve(__dirname, '../../../tools'));
    if (digests[name] !== undefined || (names.length > 0 && !names.includes(name))) continue;
    if (!existsSync(binary)) {
      process.stderr.write(`${name}: not built; run \`npm run tools -- --tools build ${name}\`\n`);
      continue;
    }
    process.stderr.write(`${name}: publishing\n`);
    const digest = await publishRelease(root, release, binary);
    const { version } = tools[name];
    digests[name] = { version, from: 'the stand-in', [release.kind === 'image' ? 'image' : architecture]: digest };
    writeFileSync(record, `${JSON.stringify(digests, undefined, 2)}\n`);
  }
  const { url } = await startPublishers(root, values.rate === undefined ? undefined : Number(values.rate) * 1e6);
  process.stdout.write(`export K8S_GITOPS_MIRROR=${url}\n`);
}

void main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
