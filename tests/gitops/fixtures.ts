import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadTree } from '../../cli/validate/loadTree';
import type { Finding } from '../../gitops/checks/check';
import type { Tree } from '../../gitops/tree';

/** Where the fixtures are. */
export const fixturesFolder = join(__dirname, '..', 'fixtures', 'gitops');

/** The day on which fixtures are judged. */
export const fixtureDay = '2025-11-01';

/** What a fixture must yield, and how it is read. */
export interface Fixture {
  /** `valid/<name>` or `invalid/<reason>`. */
  name: string;
  /** The valid tree that it changes; a valid fixture is whole by itself. */
  base?: string;
  findings: ExpectedFinding[];
  /** Read as the tree of somebody else: entry points only, general rules only. */
  general: boolean;
  /** Entry points of a general one. */
  entries: string[];
  lenient: boolean;
}

/** A finding as a fixture names it; clusters only where they matter. */
export interface ExpectedFinding {
  id: string;
  file: string;
  line: number;
  clusters?: string[];
}

/** Every fixture of the two folders, sorted. */
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
    throw new Error(`${file}: names no finding; an invalid fixture must`);
  }
  return {
    name: `${kind}/${name}`,
    ...(kind === 'invalid' ? { base: expected.base ?? 'platform' } : {}),
    findings: expected.findings ?? [],
    general: expected.general ?? false,
    entries: expected.entries ?? ['kubernetes/clusters/one'],
    lenient: expected.lenient ?? false,
  };
}

/** Puts a fixture together in a folder that does not exist yet: its base, less what it removes, with its own files over it. */
export function assemble({ name, base }: Fixture, into: string): void {
  mkdirSync(into, { recursive: true });
  const own = join(fixturesFolder, name);
  if (base !== undefined && base !== 'none') cpSync(join(fixturesFolder, 'valid', base), into, { recursive: true });
  const removed = join(own, 'removed.txt');
  const lines = existsSync(removed) ? readFileSync(removed, 'utf8').split('\n') : [];
  for (const path of lines.map((line) => line.trim()).filter((line) => line !== '')) {
    if (!existsSync(join(into, path))) throw new Error(`${name}/removed.txt: ${path} is not in the base`);
    rmSync(join(into, path), { recursive: true });
  }
  const notes = new Set(['expected.yaml', 'removed.txt'].map((file) => join(own, file)));
  cpSync(own, into, { recursive: true, filter: (path) => !notes.has(path) });
}

/** Puts a fixture together in a folder and renders it. The folder must stay as long as the tree is used. */
export async function loadFixture(fixture: Fixture, folder: string, renderer?: string): Promise<Tree> {
  assemble(fixture, folder);
  const entries = fixture.general ? fixture.entries : [];
  return loadTree({
    root: folder,
    entries,
    lenient: fixture.lenient,
    cache: false,
    renderer,
    schemas: process.env.FLUX_RENDER_SCHEMAS,
  });
}

/** Findings as one sortable line each, for comparing with a fixture's. */
export function asLines(findings: readonly (Finding | ExpectedFinding)[], like?: readonly ExpectedFinding[]): string[] {
  const withClusters = (like ?? []).some(({ clusters }) => clusters !== undefined);
  return findings
    .map(({ id, file, line, clusters }) => {
      const where = withClusters ? ` on ${(clusters ?? []).join(', ')}` : '';
      return `${file}:${line} ${id}${where}`;
    })
    .sort();
}
