// @ts-check
'use strict';
// `node bin/compile.js <root> <entry> <base> [external package…]`, started by precompiled.js: compiles an entry point to
// `<base>-<hash>.js` and writes what it was compiled from to `<base>.json`.
const { mkdirSync, readFileSync, readdirSync, rmSync } = require('node:fs');
const { basename, dirname, extname, join, relative } = require('node:path');
const esbuild = require('esbuild');
const { hash, hashFile, writeWhole } = require('./bundleFiles.js');

// What decides the result besides the sources: the installed packages, the compiler's options, this file.
const settings = ['node_modules/.package-lock.json', 'tsconfig.json', relative(process.argv[2] ?? '', __filename)];

/**
 * @param {string} root
 * @param {string} entry
 * @param {string} base
 * @param {string[]} external
 */
async function compile(root, entry, base, external) {
  /** @type {Record<string, string>} */
  const inputs = Object.fromEntries(settings.map((path) => [path, hashFile(join(root, path))]));
  const main = join(root, entry);
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    outfile: 'bundle.js',
    platform: 'node',
    target: 'node20',
    // V8 does not carry out `import()` in code that it compiled in an earlier run; require does it instead.
    supported: { 'dynamic-import': false },
    external,
    plugins: [{ name: 'own-sources', setup: (build) => build.onLoad({ filter: /\.(ts|js|json)$/ }, loadSource) }],
  });

  /** @param {{ path: string }} source */
  function loadSource({ path }) {
    if (path.includes('/node_modules/')) return undefined;
    const text = readFileSync(path, 'utf8');
    inputs[relative(root, path)] = hash(text);
    // A new file may be imported by a pattern, or be found instead of another one.
    const folder = `${relative(root, dirname(path))}/`;
    inputs[folder] ??= hashFile(join(root, folder));
    // Modules find files next to themselves, and only one of them is the main module.
    const loader = /** @type {'ts' | 'js' | 'json'} */ (extname(path).slice(1));
    const place = text.includes('__dirname') ? `const __dirname = ${JSON.stringify(dirname(path))};` : '';
    return { contents: place + text.replaceAll('require.main === module', String(path === main)), loader };
  }

  const code = outputFiles[0]?.text ?? '';
  const folder = dirname(base);
  const file = `${basename(base)}-${hash(code)}.js`;
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder)) {
    // Another process may have compiled the same sources, and be about to run the result.
    if (old.startsWith(`${basename(base)}-`) && !old.startsWith(file)) rmSync(join(folder, old), { force: true });
  }
  writeWhole(join(folder, file), code);
  writeWhole(`${base}.json`, JSON.stringify({ file, inputs }));
}

const [root = '', entry = '', base = '', ...external] = process.argv.slice(2);
// esbuild has printed what does not compile.
compile(root, entry, base, external).catch(() => process.exit(1));
