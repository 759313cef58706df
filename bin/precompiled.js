// @ts-check
'use strict';
// Plain JavaScript, because it runs before anything that understands TypeScript.
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const vm = require('node:vm');
const { hash, hashFile, readIndex, writeWhole } = require('./bundleFiles.js');

/**
 * Runs a TypeScript file as the main module and returns its exports. It runs from one file in node_modules/.cache, not
 * from the hundreds of modules that it consists of, and is compiled again when any of its sources differs.
 * @param {string} entry path relative to the repository
 * @param {{ external?: string[], root?: string }} [options] packages to load as they are installed; the repository
 * @throws if a source does not compile, with the compiler's message
 */
function runPrecompiled(entry, { external = [], root = dirname(__dirname) } = {}) {
  // The root is part of the name because checkouts may share their node_modules.
  const base = join(root, 'node_modules', '.cache', 'k8s-gitops', `${entry.replace(/\W/g, '-')}-${hash(root)}`);
  let bundle = upToDate(base, root);
  if (bundle === undefined) {
    const compiler = [join(__dirname, 'compile.js'), root, entry, base, ...external];
    execFileSync(process.execPath, compiler, { stdio: ['ignore', 'inherit', 'inherit'] });
    bundle = upToDate(base, root);
  }
  if (bundle === undefined) throw new Error(`${entry}: its sources changed while they were compiled; run it again`);
  return runBundle(bundle, join(root, entry));
}

/**
 * The bundle, if its sources have the content that it was compiled from.
 * @param {string} base
 * @param {string} root
 */
function upToDate(base, root) {
  const index = readIndex(base);
  const isSame = index && Object.entries(index.inputs).every(([path, known]) => hashFile(join(root, path)) === known);
  const file = join(dirname(base), index?.file ?? '');
  return isSame && existsSync(file) ? file : undefined;
}

/**
 * Runs a bundle with V8's compiled code of an earlier run. V8 refuses code of another version of itself.
 * @param {string} file
 * @param {string} entry the module whose place the bundle takes
 */
function runBundle(file, entry) {
  const codeFile = `${file}.code`;
  const script = new vm.Script(Module.wrap(readFileSync(file, 'utf8')), {
    filename: file,
    cachedData: readIfPresent(codeFile),
  });
  if (script.cachedDataRejected !== false) saveCode(script, codeFile);
  const module = new Module(entry);
  script
    .runInThisContext()
    .call(module.exports, module.exports, Module.createRequire(entry), module, entry, dirname(entry));
  return module.exports;
}

/**
 * Saves a script's compiled code at the end of a short run, when it contains the functions that a run needs. A server may
 * be killed, so it saves the code after some seconds.
 * @param {vm.Script} script
 * @param {string} codeFile
 */
function saveCode(script, codeFile) {
  let isSaved = false;
  const save = () => {
    if (isSaved) return;
    isSaved = true;
    try {
      writeWhole(codeFile, script.createCachedData());
    } catch {
      // The next run tries again.
    }
  };
  process.once('exit', save);
  setTimeout(save, 3000).unref();
}

/** @param {string} file */
function readIfPresent(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { runPrecompiled };
