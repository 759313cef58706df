import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ToolError } from '../toolError';
import { extractMember } from './archive';
import { checksumOf } from './checksums';
import { downloadFile, removeDownload } from './downloadFile';
import { Unavailable } from './failures';
import type { Http } from './http';
import { provenanceFile, type Provenance } from './provenance';
import { ImageReader, type Layer } from './registry';
import { releaseUrl, type FileRelease, type ImageRelease, type Release } from './releases';

export interface DownloadJob {
  readonly tool: string;
  readonly release: Release;
  /** Where the binary goes. */
  readonly target: string;
  /** A folder on the same file system as `target`, for downloads and archives. */
  readonly scratch: string;
  /** Problem with the version that a binary reports; undefined if it is the pinned one. */
  readonly versionProblem: (binary: string) => Promise<string | undefined>;
  readonly onBytes: (done: number, total: number | undefined) => void;
  readonly onNote: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads a tool from its publisher, checks it, and moves the binary to its target with a record of where it is from.
 * @throws Unavailable if the publisher cannot be reached, does not offer it, or states no checksum: build it instead
 * @throws ToolError if what arrived is not what was expected: do not build instead, tell the user
 */
export async function downloadTool(http: Http, job: DownloadJob): Promise<void> {
  mkdirSync(job.scratch, { recursive: true });
  const folder = mkdtempSync(join(job.scratch, 'download-'));
  try {
    const binary = join(folder, 'binary');
    const { release } = job;
    const provenance =
      release.kind === 'file'
        ? await fromFile(http, job, release, binary)
        : await fromImage(http, job, release, binary);
    chmodSync(binary, 0o755);
    const problem = await job.versionProblem(binary);
    if (problem !== undefined) {
      throw new ToolError(
        `${job.tool} from ${releaseUrl(release)}: ${problem}.\n` +
          '  Fix: correct its row in tools/download/releases.ts, or build it with `--tools build`.',
      );
    }
    mkdirSync(dirname(job.target), { recursive: true });
    // First the record: a tool counts as present as soon as its binary exists.
    writeFileSync(provenanceFile(job.target), `${JSON.stringify(provenance, undefined, 2)}\n`);
    renameSync(binary, job.target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fromFile(http: Http, job: DownloadJob, release: FileRelease, binary: string): Promise<Provenance> {
  const expected = release.digest ?? (await publishedChecksum(http, release, job.signal));
  const file = await verified(http, job, {
    url: release.url,
    digest: expected,
    source: release.digest === undefined ? release.checksums : 'tools/download/digests.json',
    onBytes: job.onBytes,
  });
  if (release.member === undefined) copyFileSync(file, binary);
  else if ((await extractMember(file, release.member, binary)) !== 'extracted') {
    throw new Unavailable(`${release.url} does not contain ${release.member}`);
  }
  removeDownload(file);
  const check = release.digest === undefined ? `the publisher's ${release.checksums}` : 'the committed digest';
  return { source: 'downloaded', url: release.url, sha256: expected, check };
}

async function publishedChecksum(http: Http, release: FileRelease, signal?: AbortSignal): Promise<string> {
  let text: string;
  try {
    text = await http.text(release.checksums, {}, signal);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    throw new Unavailable(`a download that cannot be checked is not used: ${error.message}`);
  }
  const sum = checksumOf(text, basename(new URL(release.url).pathname));
  if (sum === undefined) {
    throw new Unavailable(`a download that cannot be checked is not used: ${release.checksums} does not list it`);
  }
  return sum;
}

async function fromImage(http: Http, job: DownloadJob, release: ImageRelease, binary: string): Promise<Provenance> {
  const image = new ImageReader(http, release, job.signal);
  const { digest, layers } = await image.layers();
  let before = 0;
  // The highest layer that has the file wins; usually it is the highest one, and the base image is never downloaded.
  for (const layer of [...layers].reverse()) {
    const file = await verifiedLayer(http, job, image, layer, before);
    before += layer.size;
    const state = await extractMember(file, release.member, binary);
    removeDownload(file);
    if (state === 'removed') break;
    if (state === 'absent') continue;
    const check = release.digest === undefined ? 'the manifest that the tag stands for' : 'the committed digest';
    return { source: 'downloaded', url: releaseUrl(release), sha256: digest, check };
  }
  throw new Unavailable(`${releaseUrl(release)} does not contain ${release.member}`);
}

async function verifiedLayer(
  http: Http,
  job: DownloadJob,
  image: ImageReader,
  layer: Layer,
  before: number,
): Promise<string> {
  return verified(http, job, {
    url: image.layerUrl(layer),
    digest: layer.digest.replace(/^sha256:/, ''),
    source: "the image's manifest",
    headers: () => image.headers(),
    onBytes: (done) => job.onBytes(before + done, before + layer.size),
  });
}

interface Wanted {
  url: string;
  digest: string;
  /** Where the digest is from. */
  source: string;
  headers?: () => Promise<Record<string, string>>;
  onBytes: DownloadJob['onBytes'];
}

/** Downloads a file into the scratch folder and checks its digest. */
async function verified(http: Http, job: DownloadJob, wanted: Wanted): Promise<string> {
  const { url, digest, source, headers, onBytes } = wanted;
  const file = join(job.scratch, `${createHash('sha256').update(url).digest('hex').slice(0, 16)}.partial`);
  const download = (): Promise<{ continued: boolean }> =>
    downloadFile(http, url, file, { headers, onBytes, onCut: job.onNote, signal: job.signal });
  const { continued } = await download();
  let found = await digestOf(file);
  if (found !== digest && continued) {
    job.onNote('what an earlier run left of the download is damaged; starts over');
    removeDownload(file);
    await download();
    found = await digestOf(file);
  }
  if (found === digest) return file;
  removeDownload(file);
  throw new ToolError(
    `${job.tool} from ${url}: the sha256 is ${found}, expected ${digest} (${source}).\n` +
      '  Fix: do not use it; find out who changed it. `--tools build` builds the tool instead.',
  );
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
