import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { create, Header } from 'tar';
import type { FileRelease, ImageRelease, Release } from '../../../tools/download/releases';

/** An entry of a tar archive: a file, unless a type is given. */
export interface Entry {
  path: string;
  content?: string | Buffer;
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link';
  linkpath?: string;
}

/** A gzipped tar archive with exactly these entries, whatever they are called. */
export function archiveOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath }) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    new Header({ path, type, linkpath, size: body.length, mode: 0o755, mtime: new Date(0) }).encode(header);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Writes a file as a publisher's, so that `startPublishers` serves it. Paths are those of URLs, without the scheme. */
export function publishFile(folder: string, path: string, content: string | Buffer): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const pathOf = (url: string): string => url.replace(/^https:\/\//, '');
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/**
 * Publishes a release as its publisher does: the archive and checksum file, or the image with its index.
 * @param binary path of the program
 * @returns the digest that could be committed for it: of the file, or of the image's index
 */
export async function publishRelease(folder: string, release: Release, binary: string): Promise<string> {
  return release.kind === 'file'
    ? publishArchive(folder, release, binary)
    : publishImage(folder, release, [archiveOf([{ path: 'etc/os-release', content: 'ID=stand-in\n' }]), binary]);
}

async function publishArchive(folder: string, release: FileRelease, binary: string): Promise<string> {
  const file = join(folder, pathOf(release.url));
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  if (release.member === undefined) linkOrCopy(binary, file);
  else await packTo(file, release.member, binary);
  const digest = await digestOf(file);
  publishChecksum(folder, release, digest);
  return digest;
}

/** Adds a file to its publisher's checksum file. */
export function publishChecksum(folder: string, release: FileRelease, digest: string): void {
  const sums = join(folder, pathOf(release.checksums));
  const others = existsSync(sums) ? readFileSync(sums, 'utf8') : '';
  const name = basename(release.url);
  // Kubernetes publishes the bare sum, the others what sha256sum prints.
  const line = `${digest}  ${name}\n`;
  publishFile(folder, pathOf(release.checksums), sums.endsWith('.sha256') ? digest : others.replace(line, '') + line);
}

/**
 * Publishes an image: an index with this architecture, another one and an attestation, as buildx writes it.
 * @param layers gzipped tars, lowest first; a path stands for a layer that contains that program as the release's member
 * @returns the digest of the index in hex
 */
export async function publishImage(
  folder: string,
  release: ImageRelease,
  layers: readonly (Buffer | string)[],
): Promise<string> {
  const base = `${release.registry}/v2/${release.repository}`;
  const addBlob = (content: Buffer): { digest: string; size: number } => {
    const digest = `sha256:${sha256(content)}`;
    publishFile(folder, `${base}/blobs/${digest}`, content);
    return { digest, size: content.length };
  };
  const addManifest = (content: object): { mediaType: string; digest: string; size: number } => {
    const text = Buffer.from(JSON.stringify(content));
    const digest = `sha256:${sha256(text)}`;
    publishFile(folder, `${base}/manifests/${digest}`, text);
    return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: text.length };
  };
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const packed: { mediaType: string; digest: string; size: number }[] = [];
  for (const layer of layers) {
    if (typeof layer !== 'string') {
      packed.push({ mediaType, ...addBlob(layer) });
      continue;
    }
    const file = join(folder, base, 'blobs', `packing-${process.pid}`);
    mkdirSync(dirname(file), { recursive: true });
    await packTo(file, release.member, layer);
    packed.push({ mediaType, ...addBlob(readFileSync(file)) });
    rmSync(file);
  }
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...addBlob(Buffer.from('{}')) };
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config };
  const other = release.architecture === 'amd64' ? 'arm64' : 'amd64';
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { ...addManifest({ ...manifest, layers: [] }), platform: { os: 'linux', architecture: other } },
        {
          ...addManifest({ ...manifest, layers: packed }),
          platform: { os: 'linux', architecture: release.architecture },
        },
        { ...addManifest({ ...manifest, layers: [] }), platform: { os: 'unknown', architecture: 'unknown' } },
      ],
    }),
  );
  publishFile(folder, `${base}/manifests/${release.tag}`, index);
  publishFile(folder, `${base}/manifests/sha256:${sha256(index)}`, index);
  return sha256(index);
}

/** Packs a program into a gzipped tar under a path. */
async function packTo(file: string, member: string, binary: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(file), 'packing-'));
  try {
    mkdirSync(dirname(join(folder, member)), { recursive: true });
    symlinkSync(binary, join(folder, member));
    const packed = join(folder, '.packed');
    await create({ file: packed, cwd: folder, gzip: { level: 1 }, portable: true, follow: true }, [member]);
    renameSync(packed, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    writeFileSync(to, readFileSync(from));
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
