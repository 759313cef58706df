import { Readable } from 'node:stream';
import { Parser } from 'tar';

/** By address, which has the revision; only the newest few are kept. */
const known = new Map<string, readonly string[]>();

/** The names of the files in an archive of source-controller, relative to its root; undefined if it cannot be read. */
export async function archiveNames(url: string): Promise<readonly string[] | undefined> {
  const names = known.get(url) ?? (await readNames(url));
  if (names === undefined) return undefined;
  known.delete(url);
  known.set(url, names);
  const [oldest] = known.keys();
  if (known.size > 4 && oldest !== undefined) known.delete(oldest);
  return names;
}

async function readNames(url: string): Promise<string[] | undefined> {
  const names: string[] = [];
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok || response.body === null) return undefined;
    const source = Readable.fromWeb(response.body);
    await new Promise<void>((resolve, reject) => {
      const parser = new Parser({
        strict: true,
        onReadEntry: (entry) => {
          names.push(entry.path.replace(/^\.\//, '').replace(/\/$/, ''));
          entry.resume();
        },
      });
      parser.on('error', reject);
      parser.on('end', () => resolve());
      source.on('error', reject);
      source.pipe(parser);
    });
  } catch {
    return undefined;
  }
  return names;
}
