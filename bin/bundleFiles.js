// @ts-check
'use strict';
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

/**
 * What a bundle was compiled from: hashes of the files, by path relative to the repository.
 * @typedef {{ file: string, inputs: Record<string, string> }} Index
 */

/** @param {string | Uint8Array} content */
const hash = (content) => createHash('sha256').update(content).digest('hex').slice(0, 24);

/** @param {string} file */
function hashFile(file) {
  try {
    return hash(readFileSync(file));
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

module.exports = { hash, hashFile, readIndex };
