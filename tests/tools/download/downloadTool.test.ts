import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadTool, type DownloadJob } from '../../../tools/download/downloadTool';
import { Http } from '../../../tools/download/http';
import { provenanceOf } from '../../../tools/download/provenance';
import { releasesFor, type FileRelease, type ImageRelease, type Release } from '../../../tools/download/releases';
import { archiveOf, publishChecksum, publishFile, publishImage, publishRelease, type Entry } from '../support/publish';
import { startPublishers, type Publishers } from '../support/publishers';

const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const program = '#!/bin/sh\necho v1\n';
const releases = releasesFor('amd64', {});
const etcd = releases.etcd as FileRelease;
const kubectl = releases.kubectl as FileRelease;
const controller = releases['source-controller'] as ImageRelease;
const kwok = releases.kwok as ImageRelease;

describe('downloadTool', () => {
  let folder: string;
  let publishers: Publishers;
  let http: Http;
  let notes: string[];
  let bytes: [number, number | undefined][];
  const target = (): string => join(folder, 'cache', 'tool', 'key', 'tool');
  const download = (release: Release, more: Partial<DownloadJob> = {}): Promise<void> =>
    downloadTool(http, {
      tool: 'tool',
      release,
      target: target(),
      scratch: join(folder, 'cache', 'scratch'),
      versionProblem: async () => Promise.resolve(undefined),
      onBytes: (done, total) => void bytes.push([done, total]),
      onNote: (message) => void notes.push(message),
      ...more,
    });
  /** Publishes an archive with these entries, and its checksum. */
  const publishArchive = (release: FileRelease, entries: readonly Entry[]): void => {
    const archive = archiveOf(entries);
    publishFile(folder, release.url.replace('https://', ''), archive);
    publishChecksum(folder, release, sha256(archive));
  };
  const binary = (): string => {
    const file = join(folder, 'program');
    writeFileSync(file, program);
    return file;
  };
  /** Nothing but the tool and its record is left. */
  const expectTool = (): void => {
    expect(readFileSync(target(), 'utf8')).toBe(program);
    expect(statSync(target()).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, 'cache', 'tool', 'key')).sort()).toEqual(['provenance.json', 'tool']);
    expect(readdirSync(join(folder, 'cache', 'scratch'))).toEqual([]);
  };
  const expectNothing = (): void => {
    expect(existsSync(target())).toBe(false);
    expect(existsSync(join(folder, 'cache', 'tool'))).toBe(false);
    expect(readdirSync(join(folder, 'cache', 'scratch'))).toEqual([]);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'publishers-'));
    publishers = await startPublishers(folder);
    [notes, bytes] = [[], []];
    http = new Http({ env: { K8S_GITOPS_MIRROR: publishers.url }, sleep: async () => Promise.resolve() });
  });
  afterEach(async () => {
    await http.close();
    await publishers.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('files', () => {
    test('a program out of an archive, checked against the publisher’s checksum file', async () => {
      const digest = await publishRelease(folder, etcd, binary());
      await download(etcd);
      expectTool();
      expect(provenanceOf(target())).toEqual({
        source: 'downloaded',
        url: etcd.url,
        sha256: digest,
        check: `the publisher's ${etcd.checksums}`,
      });
    });

    test('a bare program, checked against a committed digest: the checksum file is not requested', async () => {
      const digest = await publishRelease(folder, kubectl, binary());
      await download({ ...kubectl, digest });
      expectTool();
      expect(provenanceOf(target())?.check).toBe('the committed digest');
      expect(publishers.requests.filter((request) => request.includes('.sha256'))).toEqual([]);
    });

    test('another digest than the committed one is refused with both, and nothing is kept', async () => {
      const digest = await publishRelease(folder, kubectl, binary());
      const committed = sha256('something else');
      const failed = download({ ...kubectl, digest: committed });
      await expect(failed).rejects.toMatchObject({ name: 'ToolError' });
      await expect(failed).rejects.toThrow(
        `tool from ${kubectl.url}: the sha256 is ${digest}, expected ${committed} (tools/download/digests.json)`,
      );
      expectNothing();
    });

    test('another digest than the publisher’s is refused with both', async () => {
      await publishRelease(folder, etcd, binary());
      const published = readFileSync(join(folder, etcd.checksums.replace('https://', '')), 'utf8').slice(0, 64);
      const archive = archiveOf([{ path: etcd.member ?? '', content: 'changed by someone' }]);
      publishFile(folder, etcd.url.replace('https://', ''), archive);
      await expect(download(etcd)).rejects.toThrow(
        `the sha256 is ${sha256(archive)}, expected ${published} (${etcd.checksums})`,
      );
      expectNothing();
    });

    test('what an earlier run left is downloaded again if it is damaged, before anything is refused', async () => {
      const path = kubectl.url.replace('https://dl.k8s.io/', 'cdn.dl.k8s.io/release/');
      const digest = await publishRelease(folder, kubectl, binary());
      publishers.fail(path, { cutAfter: 5 }, { status: 404 });
      await expect(download({ ...kubectl, digest })).rejects.toThrow('HTTP 404');
      const [left = ''] = readdirSync(join(folder, 'cache', 'scratch')).filter((name) => name.endsWith('.partial'));
      writeFileSync(join(folder, 'cache', 'scratch', left), 'XXXXX');
      await download({ ...kubectl, digest });
      expectTool();
      expect(notes.at(-1)).toBe('what an earlier run left of the download is damaged; starts over');
    });

    test.each([
      ['is missing', undefined, 'answers HTTP 404'],
      ['does not list the file', `${sha256('x')}  another.tar.gz\n`, 'does not list it'],
    ])('a checksum file that %s: not used, and nothing is downloaded', async (_what, text, reason) => {
      await publishRelease(folder, etcd, binary());
      const sums = etcd.checksums.replace('https://', '');
      rmSync(join(folder, sums));
      if (text !== undefined) publishFile(folder, sums, text);
      const failed = download(etcd);
      await expect(failed).rejects.toMatchObject({ name: 'Unavailable' });
      await expect(failed).rejects.toThrow(/^a download that cannot be checked is not used: /);
      await expect(failed).rejects.toThrow(reason);
      expect(publishers.requests).not.toContain(`GET ${etcd.url.replace('https://', '')}`);
    });

    test('a version that is not the pinned one is refused', async () => {
      const digest = await publishRelease(folder, kubectl, binary());
      const problem = async (file: string): Promise<string> =>
        Promise.resolve(readFileSync(file, 'utf8') === program ? 'it reports "v0", expected v1' : 'not complete');
      const failed = download({ ...kubectl, digest }, { versionProblem: problem });
      await expect(failed).rejects.toMatchObject({ name: 'ToolError' });
      await expect(failed).rejects.toThrow(`tool from ${kubectl.url}: it reports "v0", expected v1.`);
      expectNothing();
    });
  });

  describe('archives', () => {
    const member = etcd.member ?? '';

    test('only the program is extracted, wherever other entries point', async () => {
      publishArchive(etcd, [
        { path: '../../escaped', content: 'evil' },
        { path: '/tmp/k8s-gitops-escaped', content: 'evil' },
        { path: 'link', type: 'SymbolicLink', linkpath: '/etc' },
        { path: 'link/escaped', content: 'evil' },
        { path: `./${member}`, content: program },
        { path: 'README.md', content: 'other' },
      ]);
      await download(etcd);
      expectTool();
      expect(existsSync(join(folder, 'escaped'))).toBe(false);
      expect(existsSync(join(folder, 'cache', 'escaped'))).toBe(false);
      expect(existsSync('/tmp/k8s-gitops-escaped')).toBe(false);
    });

    test('the last entry of a path wins, as in tar', async () => {
      publishArchive(etcd, [
        { path: member, content: 'older' },
        { path: member, content: program },
      ]);
      await download(etcd);
      expectTool();
    });

    test.each<[string, Entry[], string]>([
      ['has no such entry', [{ path: 'etcd', content: program }], `does not contain ${member}`],
      ['has it outside of the archive', [{ path: `../${member}`, content: program }], `does not contain ${member}`],
      ['has a link in its place', [{ path: member, type: 'SymbolicLink', linkpath: '/bin/sh' }], 'is a SymbolicLink'],
      ['has a hard link in its place', [{ path: member, type: 'Link', linkpath: '/bin/sh' }], 'is a Link'],
    ])('an archive that %s', async (_what, entries, reason) => {
      publishArchive(etcd, entries);
      const failed = download(etcd);
      await expect(failed).rejects.toMatchObject({ name: 'Unavailable' });
      await expect(failed).rejects.toThrow(reason);
      expect(existsSync(target())).toBe(false);
    });

    test('a damaged archive', async () => {
      const damaged = archiveOf([{ path: member, content: program }]).subarray(0, 60);
      publishFile(folder, etcd.url.replace('https://', ''), damaged);
      publishChecksum(folder, etcd, sha256(damaged));
      await expect(download(etcd)).rejects.toThrow('the archive is damaged');
      expect(existsSync(target())).toBe(false);
    });
  });

  describe('images', () => {
    const layerOf = (...entries: Entry[]): Buffer => archiveOf(entries);
    const base = layerOf({ path: 'etc/os-release', content: 'ID=alpine\n' });
    const top = layerOf({ path: controller.member, content: program });
    const blobRequests = (): string[] =>
      publishers.requests.filter((request) => / ghcr\.io\/v2\/.*\/blobs\//.test(request));

    test('a program out of the highest layer, by tag and with an anonymous token', async () => {
      const digest = await publishRelease(folder, controller, binary());
      await download(controller);
      expectTool();
      expect(provenanceOf(target())).toEqual({
        source: 'downloaded',
        url: 'ghcr.io/fluxcd/source-controller:v1.7.3',
        sha256: digest,
        check: 'the manifest that the tag stands for',
      });
      expect(publishers.requests).toContain(
        'GET ghcr.io/token?service=ghcr.io&scope=repository%3Afluxcd%2Fsource-controller%3Apull',
      );
      // The layers below are not needed.
      expect(blobRequests()).toHaveLength(1);
      const [done, total] = bytes.at(-1) ?? [];
      expect(done).toBe(total);
    });

    test('by a committed digest: the tag is not requested', async () => {
      const digest = await publishImage(folder, controller, [base, top]);
      await download({ ...controller, digest });
      expectTool();
      expect(provenanceOf(target())?.check).toBe('the committed digest');
      expect(publishers.requests.filter((request) => request.endsWith('/manifests/v1.7.3'))).toEqual([]);
    });

    test('from a registry that wants no token and redirects manifests', async () => {
      await publishImage(folder, kwok, [layerOf({ path: kwok.member, content: program })]);
      await download(kwok);
      expectTool();
    });

    test('a higher layer replaces the program', async () => {
      await publishImage(folder, controller, [layerOf({ path: controller.member, content: 'older' }), base, top]);
      await download(controller);
      expectTool();
      expect(blobRequests()).toHaveLength(1);
    });

    test('a lower layer has the program', async () => {
      await publishImage(folder, controller, [top, base]);
      await download(controller);
      expectTool();
      expect(blobRequests()).toHaveLength(2);
    });

    test.each(['usr/local/bin/.wh.source-controller', 'usr/local/.wh.bin', 'usr/local/bin/.wh..wh..opq'])(
      'a program that a higher layer removes by %s is not in the image',
      async (whiteout) => {
        await publishImage(folder, controller, [top, layerOf({ path: whiteout }), base]);
        await expect(download(controller)).rejects.toThrow(
          'ghcr.io/fluxcd/source-controller:v1.7.3 does not contain usr/local/bin/source-controller',
        );
      },
    );

    test('a layer that empties a folder may itself have the program', async () => {
      const opaque = { path: 'usr/local/bin/.wh..wh..opq' };
      const layer = layerOf(opaque, { path: controller.member, content: program });
      await publishImage(folder, controller, [layerOf({ path: controller.member, content: 'older' }), layer]);
      await download(controller);
      expectTool();
    });

    test('a layer that is not what the manifest says is refused with both digests', async () => {
      await publishImage(folder, controller, [top]);
      const changed = layerOf({ path: controller.member, content: 'changed by someone' });
      const path = `ghcr.io/v2/fluxcd/source-controller/blobs/sha256:${sha256(top)}`;
      publishFile(folder, path, changed);
      await expect(download(controller)).rejects.toThrow(
        `the sha256 is ${sha256(changed)}, expected ${sha256(top)} (the image's manifest)`,
      );
      expectNothing();
    });

    test('a manifest that does not have the committed digest is refused with both', async () => {
      await publishImage(folder, controller, [top]);
      const committed = sha256('the real image');
      const tag = 'ghcr.io/v2/fluxcd/source-controller/manifests/v1.7.3';
      const served = readFileSync(join(folder, tag));
      publishFile(folder, tag.replace('v1.7.3', `sha256:${committed}`), served);
      const failed = download({ ...controller, digest: committed });
      await expect(failed).rejects.toMatchObject({ name: 'ToolError' });
      await expect(failed).rejects.toThrow(
        `the manifest's digest is sha256:${sha256(served)}, expected sha256:${committed}`,
      );
    });

    test('no image for the architecture, or no image at all', async () => {
      await publishImage(folder, { ...controller, architecture: 'arm64' }, [top]);
      // The stand-in's index always has the other architecture, without layers.
      await expect(download(controller)).rejects.toThrow('does not contain');
      await expect(download({ ...controller, tag: 'v9' })).rejects.toThrow('/manifests/v9 answers HTTP 404');
    });
  });
});
