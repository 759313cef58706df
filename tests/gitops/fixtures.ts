import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadTree } from '../../cli/validate/loadTree';
import type { Finding } from '../../gitops/checks/check';
import type { Tree } from '../../gitops/tree';

/** The folder with the fixtures. */
export const fixturesFolder = join(__dirname, '..', 'fixtures', 'gitops');

/** The date on which fixtures are checked, as YYYY-MM-DD. */
export const fixtureDay = '2025-11-01';

/** A fixture's expected findings, and how to load it. */
export interface Fixture {
  /** `valid/<name>` or `invalid/<reason>`. */
  name: string;
  /** The valid fixture it is based on; a valid one may have one, too. */
  base?: string;
  findings: ExpectedFinding[];
  /** Whether it is loaded like another repository: with its entry points and general rules only. */
  general: boolean;
  /** Entry points of a general fixture. */
  entries: string[];
  lenient: boolean;
}

/** A finding that a fixture expects; `clusters` is set only where it matters. */
export interface ExpectedFinding {
  id: string;
  file: string;
  line: number;
  clusters?: string[];
}

/** All fixtures, valid ones first, each group sorted by name. */
export function listFixtures(): Fixture[] {
  return ['valid', 'invalid'].flatMap((kind) => {
    const folder = join(fixturesFolder, kind);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .map((name) => readFixture(kind, name));
  });
}

function readFixture(kind: string, name: string): Fixture {
  const file = join(fixturesFolder, kind, name, 'expected.yaml');
  const expected = (existsSync(file) ? parse(readFileSync(file, 'utf8')) : {}) as Partial<Fixture>;
  if (kind === 'invalid' && !(expected.findings ?? []).length) {
    throw new Error(`${file}: no findings; an invalid fixture must expect at least one`);
  }
  return {
    name: `${kind}/${name}`,
    ...(kind === 'invalid' ? { base: expected.base ?? 'platform' } : expected.base && { base: expected.base }),
    findings: expected.findings ?? [],
    general: expected.general ?? false,
    entries: expected.entries ?? ['kubernetes/clusters/one'],
    lenient: expected.lenient ?? false,
  };
}

/** Assembles a fixture in a new folder: its base, minus the files it removes, overlaid with its own files. */
export function assemble({ name, base }: Fixture, into: string): void {
  mkdirSync(into, { recursive: true });
  const own = join(fixturesFolder, name);
  if (base !== undefined && base !== 'none') assemble(readFixture('valid', base), into);
  const removed = join(own, 'removed.txt');
  const lines = existsSync(removed) ? readFileSync(removed, 'utf8').split('\n') : [];
  for (const path of lines.map((line) => line.trim()).filter((line) => line !== '')) {
    if (!existsSync(join(into, path))) throw new Error(`${name}/removed.txt: ${path} is not in the base`);
    rmSync(join(into, path), { recursive: true });
  }
  const metadata = new Set(['expected.yaml', 'removed.txt'].map((file) => join(own, file)));
  cpSync(own, into, { recursive: true, filter: (path) => !metadata.has(path) });
}

/** Assembles and renders a fixture. The folder must exist as long as the tree is used. */
export async function loadFixture(fixture: Fixture, folder: string, renderer?: string): Promise<Tree> {
  assemble(fixture, folder);
  const entries = fixture.general ? fixture.entries : [];
  return loadTree({
    root: folder,
    entries,
    lenient: fixture.lenient,
    // Most fixtures share a base: what is equal is rendered once. An entry is found only by all content that it depends on.
    cache: true,
    renderer,
    schemas: process.env.FLUX_RENDER_SCHEMAS,
  });
}

/** Formats findings as sorted lines. They include clusters only if a finding in `like` has them. */
export function asLines(findings: readonly (Finding | ExpectedFinding)[], like?: readonly ExpectedFinding[]): string[] {
  const withClusters = (like ?? []).some(({ clusters }) => clusters !== undefined);
  return findings
    .map(({ id, file, line, clusters }) => {
      const where = withClusters ? ` on ${(clusters ?? []).join(', ')}` : '';
      return `${file}:${line} ${id}${where}`;
    })
    .sort();
}
