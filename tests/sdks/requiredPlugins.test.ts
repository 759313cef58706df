import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

interface Plugin {
  name: string;
  version: string;
  server?: string;
}

const root = join(__dirname, '..', '..');

/** All packages in a node_modules folder and those nested in it, including scoped and linked ones. */
function packages(folder: string, seen = new Set<string>()): string[] {
  if (!existsSync(folder) || seen.has(realpathSync(folder))) return [];
  seen.add(realpathSync(folder));
  const found = readdirSync(folder)
    .filter((entry) => !entry.startsWith('.'))
    .flatMap((entry) =>
      entry.startsWith('@')
        ? readdirSync(join(folder, entry)).map((name) => join(folder, entry, name))
        : [join(folder, entry)],
    );
  return found.flatMap((path) => [path, ...packages(join(path, 'node_modules'), seen)]);
}

/** What Pulumi's language host for Node would report: every installed package whose `pulumi.resource` is true. */
function requiredPlugins(): Plugin[] {
  return packages(join(root, 'node_modules'))
    .filter((path) => existsSync(join(path, 'package.json')))
    .map((path) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as PackageFile)
    .flatMap(({ name, version, pulumi }) => {
      if (pulumi?.resource !== true) return [];
      const plugin = { name: pulumi.name ?? name.replace('@pulumi/', ''), version: pulumi.version ?? version };
      return [pulumi.server === undefined ? plugin : { ...plugin, server: pulumi.server }];
    })
    .sort((one, other) => one.name.localeCompare(other.name));
}

interface PackageFile {
  name: string;
  version: string;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

test('the installed packages require exactly three plugins, in these versions', () => {
  expect(requiredPlugins()).toEqual([
    { name: 'cloudflare', version: '6.22.1' },
    { name: 'kubernetes', version: '4.34.2' },
    { name: 'talos', version: '0.8.1', server: 'github://api.github.com/pulumiverse' },
  ]);
});
