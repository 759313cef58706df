import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';

const root = join(__dirname, '..', '..');
const configFile = join(root, '.oxlintrc.json');
const config = JSON.parse(readFileSync(configFile, 'utf8')) as { rules: Record<string, unknown> };

/** For each rule of .oxlintrc.json, code that violates it. */
const violations: Record<string, string> = {
  eqeqeq: 'export const f = (a: number, b: number) => a == b;',
  'no-array-constructor': 'export const a = new Array(0, 1);',
  'no-unused-expressions': 'declare const a: number;\na;\nexport {};',
  'no-unused-vars': 'const a = 1;\nexport {};',
  'no-var': 'export var a = 1;',
  'prefer-const': 'let a = 1;\nexport const b = a;',
  'prefer-rest-params': 'export function f(): unknown {\n  return arguments;\n}',
  'prefer-spread': 'export const f = (g: (...a: number[]) => void, a: number[]) => g.apply(undefined, a);',
  'typescript/await-thenable': 'export const f = async () => await 1;',
  'typescript/ban-ts-comment': '// @ts-ignore\nexport const a = 1;',
  'typescript/consistent-type-imports': "import { Stats } from 'node:fs';\nexport const f = (a: Stats) => a.size;",
  'typescript/no-array-delete': 'export const f = (a: number[]) => delete a[0];',
  'typescript/no-base-to-string': 'export const f = (a: { b: number }) => String(a);',
  'typescript/no-duplicate-enum-values': 'export enum A {\n  b = 1,\n  c = 1,\n}',
  'typescript/no-duplicate-type-constituents': "export type A = 'b' | 'b';",
  'typescript/no-empty-object-type': 'export type A = {};',
  'typescript/no-explicit-any': 'export type A = any;',
  'typescript/no-extra-non-null-assertion': 'export const f = (a?: string) => a!!;',
  'typescript/no-floating-promises': 'Promise.resolve();\nexport {};',
  'typescript/no-for-in-array': 'export function f(a: number[]): void {\n  for (const b in a) console.log(b);\n}',
  'typescript/no-implied-eval': "setTimeout('a()', 1);\nexport {};",
  'typescript/no-misused-new': 'export interface A {\n  new (): A;\n  constructor(): void;\n}',
  'typescript/no-misused-promises': 'export const f = (a: Promise<boolean>) => (a ? 1 : 2);',
  'typescript/no-namespace': 'export namespace A {\n  export const b = 1;\n}',
  'typescript/no-non-null-asserted-optional-chain': 'export const f = (a?: { b?: string }) => a?.b!;',
  'typescript/no-redundant-type-constituents': 'export type A = unknown | string;',
  'typescript/no-require-imports': "export const a: unknown = require('node:fs');",
  'typescript/no-this-alias': 'export class A {\n  b() {\n    const c = this;\n    return c;\n  }\n}',
  'typescript/no-unnecessary-type-assertion': 'export const f = (a: string) => a as string;',
  'typescript/no-unnecessary-type-constraint': 'export const f = <A extends unknown>(a: A) => a;',
  'typescript/no-unsafe-argument': 'declare const a: ReturnType<typeof JSON.parse>;\nparseInt(a);\nexport {};',
  'typescript/no-unsafe-assignment': "export const a = JSON.parse('1');",
  'typescript/no-unsafe-call': 'declare const a: ReturnType<typeof JSON.parse>;\na();\nexport {};',
  'typescript/no-unsafe-declaration-merging': 'export interface A {\n  b: number;\n}\nexport class A {}',
  'typescript/no-unsafe-enum-comparison': 'enum A {\n  b,\n}\nexport const f = (a: A) => a === 0;',
  'typescript/no-unsafe-function-type': 'export type A = Function;',
  'typescript/no-unsafe-member-access': 'declare const a: ReturnType<typeof JSON.parse>;\nvoid a.b;\nexport {};',
  'typescript/no-unsafe-return': "export const f = () => JSON.parse('1');",
  'typescript/no-unsafe-unary-minus': 'export const f = (a: string) => -a;',
  'typescript/no-wrapper-object-types': 'export type A = String;',
  'typescript/only-throw-error': "export function f(): void {\n  throw 'a';\n}",
  'typescript/prefer-as-const': "export const a = 'b' as 'b';",
  'typescript/prefer-namespace-keyword': 'declare module A {}\nexport {};',
  'typescript/prefer-promise-reject-errors': "export const f = () => Promise.reject('a');",
  'typescript/restrict-plus-operands': "export const f = (a: number) => a + 'b' + {};",
  'typescript/restrict-template-expressions': 'export const f = (a: { b: number }) => `${a}`;',
  'typescript/switch-exhaustiveness-check':
    "export function f(a: 'b' | 'c'): void {\n  switch (a) {\n    case 'b':\n      return;\n  }\n}",
  'typescript/triple-slash-reference': '/// <reference path="./eqeqeq.ts" />\nexport {};',
  'typescript/unbound-method': 'class A {\n  b() {\n    return this;\n  }\n}\nexport const c = new A().b;',
};

const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The findings of oxlint with this repository's configuration, as `<file without extension>: <code>`. */
async function findings(files: Record<string, string>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), `${text}\n`);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
      include: ['.'],
    }),
  );
  const args = [join(root, 'node_modules/oxlint/bin/oxlint'), '--config', configFile, '--format', 'json', folder];
  const { stdout } = await execa(process.execPath, args, { cwd: folder, reject: false });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string; severity: string }[] };
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, filename }) => `${/([^/]+)\.ts$/.exec(filename)?.[1]}: ${code}`);
}

const fileOf = (rule: string): string => rule.replace('typescript/', '');
const codeOf = (rule: string): string =>
  rule.startsWith('typescript/') ? `typescript(${fileOf(rule)})` : `eslint(${rule})`;

test('every rule is an error, reports its violation, and no rule is without one', async () => {
  expect(Object.keys(config.rules).sort()).toEqual(Object.keys(violations).sort());
  const found = await findings(
    Object.fromEntries(Object.entries(violations).map(([rule, text]) => [fileOf(rule), text])),
  );
  const missing = Object.keys(violations).filter((rule) => !found.includes(`${fileOf(rule)}: ${codeOf(rule)}`));
  expect(missing).toEqual([]);
});

test('a type error is reported, also one that only strict options find', async () => {
  const found = await findings({
    wrongType: "export const a: number = 'b';",
    strict: 'export const f = (a: number[]): number => a[0];',
  });
  expect(found).toEqual(expect.arrayContaining(['wrongType: typescript(TS2322)', 'strict: typescript(TS2322)']));
});
