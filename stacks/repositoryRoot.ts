import { resolve } from 'node:path';

/** The folder of this repository. By this file's real place: the working folder may be a copy's. */
export const repositoryRoot = resolve(__dirname, '..');
