import * as fs from 'node:fs';
import * as path from 'node:path';

/** A provider plugin that an npm package requires. */
export interface RequiredPackage {
  /** Plugin name, for example "talos". */
  name: string;
  /** With a leading "v". */
  version: string;
  /** Download server; empty for Pulumi's own. */
  server: string;
}

interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

/**
 * The plugins that a program's packages require in the `pulumi` block of their package.json. As with the official host,
 * these are all packages in the program's node_modules, whether it imports them or not. Sorted by name, without
 * duplicates.
 */
export function findRequiredPackages(programDir: string): RequiredPackage[] {
  const found = new Map<string, RequiredPackage>();
  const seen = new Set<string>();
  for (const dir of packageRoots(programDir)) visit(dir, found, seen);
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}

/** The program's folder and its ancestors that have a node_modules, as in Node's package resolution. */
function packageRoots(programDir: string): string[] {
  const roots: string[] = [];
  for (let dir = programDir; ; dir = path.dirname(dir)) {
    if (fs.existsSync(path.join(dir, 'node_modules'))) roots.push(dir);
    if (dir === path.dirname(dir)) return roots;
  }
}

function visit(dir: string, found: Map<string, RequiredPackage>, seen: Set<string>): void {
  const modules = path.join(dir, 'node_modules');
  if (!fs.existsSync(modules)) return;
  for (const entry of packageFolders(modules)) {
    // Local SDKs are symlinks: visit their targets, once each.
    const real = fs.realpathSync(entry);
    if (seen.has(real)) continue;
    seen.add(real);
    const manifest = readManifest(path.join(real, 'package.json'));
    const block = manifest?.pulumi;
    if (manifest !== undefined && block?.resource === true) {
      const name = block.name ?? (manifest.name ?? '').replace(/^@[^/]+\//, '');
      const version = `v${(block.version ?? manifest.version ?? '').replace(/^v/, '')}`;
      found.set(`${name} ${version}`, { name, version, server: block.server ?? '' });
    }
    visit(real, found, seen);
  }
}

function packageFolders(modules: string): string[] {
  return fs.readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const entry = path.join(modules, name);
    if (!name.startsWith('@')) return [entry];
    return fs.readdirSync(entry).map((scoped) => path.join(entry, scoped));
  });
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
  } catch {
    return undefined; // A folder without a manifest is not a package.
  }
}
