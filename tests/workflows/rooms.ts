import { buildSync } from 'esbuild';
import { root } from './workflow';

/** The top-level folders with the files that the program and its provider are compiled from. */
export function programRooms(): string[] {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ['index.ts', 'provider/engine/main.ts'],
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  const folders = Object.keys(metafile.inputs).flatMap((file) =>
    file.includes('/') ? [file.split('/')[0] ?? ''] : [],
  );
  return [...new Set([...folders, 'sdks'])].filter((folder) => folder !== 'node_modules');
}
