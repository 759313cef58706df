// @ts-check
'use strict';
const { createHash } = require('node:crypto');
const { readFileSync, readdirSync, renameSync, writeFileSync } = require('node:fs');

/**
 * What a bundle was compiled from: hashes of the files, by path relative to the repository.
 * @typedef {{ file: string, inputs: Record<string, string> }} Index
 */

/** @param {string | Uint8Array} content */
const hash = (content) => createHash('sha256').update(content).digest('hex').slice(0, 24);

/**
 * Of a file's content; of the names in a folder, if the path ends in a slash.
 * @param {string} path
 */
function hashFile(path) {
  try {
    return hash(path.endsWith('/') ? readdirSync(path).join('/') : readFileSync(path));
  } catch {
    return 'missing';
  }
}

/**
 * @param {string} base path of the bundle without hash and extension
 * @returns {Index | undefined} undefined if there is none, or one that is damaged
 */
function readIndex(base) {
  try {
    return JSON.parse(readFileSync(`${base}.json`, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Writes a file that another process may read at the same time.
 * @param {string} file
 * @param {string | Uint8Array} content
 */
function writeWhole(file, content) {
  writeFileSync(`${file}.${process.pid}`, content);
  renameSync(`${file}.${process.pid}`, file);
}

module.exports = { hash, hashFile, readIndex, writeWhole };
