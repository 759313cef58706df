import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listedVersions } from '../../tools/align/goMod';
import { planVersions } from '../../tools/align/planVersions';
import { versionRules, type VersionRules } from '../../tools/align/sharedVersions';
import { labTools, tools, type ToolSpec } from '../../tools/manifest';

const toolsFolder = join(__dirname, '..', '..', 'tools');
const modules = [...new Set(labTools.map((name) => tools[name].module))];

describe('listedVersions', () => {
  test('reads single lines and blocks, and what a requirement is replaced by', () => {
    const text = [
      'module example.com/x',
      '',
      'go 1.26.0',
      '',
      'require example.com/one v1.0.0',
      '',
      'require (',
      '\texample.com/two/v2 v2.1.0 // indirect',
      '\texample.com/three v0.37.0',
      '\texample.com/four v1.0.0',
      ')',
      '',
      'replace example.com/three => example.com/three v0.34.1',
      '',
      'replace (',
      '\texample.com/four v1.0.0 => example.org/fork v1.0.1',
      '\texample.com/unused => example.com/unused v1.0.0',
      ')',
    ].join('\n');
    expect([...listedVersions(text)]).toEqual([
      ['example.com/one', 'v1.0.0'],
      ['example.com/two/v2', 'v2.1.0'],
      ['example.com/three', 'v0.34.1'],
      ['example.com/four', 'v1.0.1'],
    ]);
  });
});

describe('planVersions', () => {
  const rules: VersionRules = { held: { held: 'v0.34.1' }, own: [/^own$/] };

  test('raises what tools share to the newest version, and leaves the rest', () => {
    const plan = planVersions(
      new Map([
        ['a', [{ path: 'shared', version: 'v1.9.0' }]],
        ['b', [{ path: 'shared', version: 'v1.10.0' }]],
        ['c', [{ path: 'alone', version: 'v1.0.0' }]],
      ]),
      rules,
    );
    expect(plan).toEqual(
      new Map([
        ['a', ['-require=shared@v1.10.0']],
        ['b', []],
        ['c', []],
      ]),
    );
  });

  test('drops the replacement of a version that is raised', () => {
    const plan = planVersions(
      new Map([
        ['a', [{ path: 'shared', version: 'v1.9.0', replacement: 'v1.9.0' }]],
        ['b', [{ path: 'shared', version: 'v1.10.0' }]],
      ]),
      rules,
    );
    expect(plan.get('a')).toEqual(['-dropreplace=shared', '-require=shared@v1.10.0']);
  });

  test('holds a version, by a replacement where more is required, even in a single tool', () => {
    const plan = planVersions(
      new Map([
        ['older', [{ path: 'held', version: 'v0.33.0' }]],
        ['same', [{ path: 'held', version: 'v0.34.1' }]],
        ['replaced', [{ path: 'held', version: 'v0.37.0', replacement: 'v0.34.1' }]],
        ['newer', [{ path: 'held', version: 'v0.37.0' }]],
      ]),
      rules,
    );
    expect(Object.fromEntries(plan)).toEqual({
      older: ['-require=held@v0.34.1'],
      same: [],
      replaced: [],
      newer: ['-replace=held=held@v0.34.1'],
    });
  });

  test('leaves modules whose version each tool chooses', () => {
    const plan = planVersions(
      new Map([
        ['a', [{ path: 'own', version: 'v1.0.0' }]],
        ['b', [{ path: 'own', version: 'v2.0.0' }]],
      ]),
      rules,
    );
    expect([...plan.values()].flat()).toEqual([]);
  });
});

describe('the committed go.mod files', () => {
  const listed = modules.map((module) => ({
    module,
    versions: listedVersions(readFileSync(join(toolsFolder, module, 'go.mod'), 'utf8')),
  }));

  test('agree on every shared module: otherwise its packages and all that import them are compiled more than once', () => {
    const users = new Map<string, Map<string, string[]>>();
    for (const { module, versions } of listed) {
      for (const [path, version] of versions) {
        const ofPath = users.get(path) ?? new Map<string, string[]>();
        users.set(path, ofPath.set(version, [...(ofPath.get(version) ?? []), module]));
      }
    }
    const differing = [...users].filter(
      ([path, versions]) => versions.size > 1 && !versionRules.own.some((pattern) => pattern.test(path)),
    );
    expect(differing.map(([path, versions]) => [path, Object.fromEntries(versions)])).toEqual([]);
  });

  test('use the held versions', () => {
    const found = listed.flatMap(({ module, versions }) =>
      [...versions]
        .filter(([path, version]) => (versionRules.held[path] ?? version) !== version)
        .map(([path, version]) => `${module}: ${path} ${version}`),
    );
    expect(found).toEqual([]);
  });

  test('every rule is needed: it concerns a module that a tool uses', () => {
    const paths = new Set(listed.flatMap(({ versions }) => [...versions.keys()]));
    expect(Object.keys(versionRules.held).filter((path) => !paths.has(path))).toEqual([]);
    expect(versionRules.own.filter((pattern) => ![...paths].some((path) => pattern.test(path)))).toEqual([]);
  });
});

test('a module has a source.patch exactly if the manifest says that it is patched', () => {
  for (const spec of Object.values(tools) as ToolSpec[]) {
    const patch = join(toolsFolder, spec.module, 'source.patch');
    expect([spec.module, existsSync(patch)]).toEqual([spec.module, spec.patchedModule !== undefined]);
  }
});

test('go.sum has the checksum of each source that is patched', () => {
  const patched = (Object.values(tools) as ToolSpec[]).flatMap(({ module, patchedModule }) =>
    patchedModule === undefined ? [] : [{ module, patchedModule }],
  );
  expect(patched.length).toBeGreaterThan(0);
  for (const { module, patchedModule } of patched) {
    const [mod, sum] = ['go.mod', 'go.sum'].map((file) => readFileSync(join(toolsFolder, module, file), 'utf8'));
    const [, version = ''] = new RegExp(`^\\s*(?:require )?${patchedModule} (\\S+)`, 'm').exec(mod!) ?? [];
    expect([module, version]).toEqual([module, expect.stringMatching(/^v\d/)]);
    expect(sum).toContain(`\n${patchedModule} ${version} h1:`);
  }
});
