import { resolve } from 'node:path';

/** The root of this repository, by this file's real path: the working directory may be the lab's copy. */
export const repositoryRoot = resolve(__dirname, '..');
