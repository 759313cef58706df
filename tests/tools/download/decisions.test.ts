import { hides } from '../../../tools/download/archive';
import { checksumOf } from '../../../tools/download/checksums';
import { Transient, Unavailable } from '../../../tools/download/failures';
import { mirrored, mirrorOf, redirectTarget } from '../../../tools/download/mirror';
import { challengeOf } from '../../../tools/download/registry';
import { retryAfterOf, retryDelay, withRetries } from '../../../tools/download/retry';

const sum = 'a'.repeat(64);
const other = 'b'.repeat(64);

test.each([
  ['a bare sum, as Kubernetes publishes', sum, sum],
  ['a bare sum with a line end, in capitals', `${sum.toUpperCase()}\n`, sum],
  ['lines of sha256sum', `${other}  other.tar.gz\n${sum}  tool.tar.gz\n`, sum],
  ['binary mode, Windows line ends', `${sum} *tool.tar.gz\r\n`, sum],
  ['a path before the name', `${sum}  ./dist/tool.tar.gz\n`, sum],
  ['a heading, as etcd publishes', `# sums\n\n${sum}  tool.tar.gz\n`, sum],
  ['another file', `${other}  tool.tar.gz.sig\n`, undefined],
  ['a sha512', `${sum}${other}  tool.tar.gz\n`, undefined],
  ['two sums of one file', `${sum}  tool.tar.gz\n${other}  tool.tar.gz\n`, undefined],
  ['a page of HTML', '<html>not here</html>', undefined],
  ['nothing', '', undefined],
])('checksumOf reads %s', (_what, text, expected) => {
  expect(checksumOf(text, 'tool.tar.gz')).toBe(expected);
});

describe('retries', () => {
  test('wait twice as long each time, or what the server asks for, and end', () => {
    expect([1, 2, 3, 4, 5].map((failures) => retryDelay(failures))).toEqual([500, 1000, 2000, 4000, undefined]);
    expect(retryDelay(1, 7000)).toBe(7000);
    expect(retryDelay(1, 60_000)).toBe(60_000);
    expect(retryDelay(1, 60_001)).toBeUndefined();
  });

  test('Retry-After is seconds or a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterOf('3', now)).toBe(3000);
    expect(retryAfterOf('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5000);
    expect(retryAfterOf('Thu, 01 Jan 2020 00:00:00 GMT', now)).toBe(0);
    expect(retryAfterOf('soon', now)).toBeUndefined();
    expect(retryAfterOf(undefined, now)).toBeUndefined();
  });

  test('repeat only what may pass, and report the last failure', async () => {
    const waits: number[] = [];
    const pause = async (milliseconds: number): Promise<void> => void (await Promise.resolve(waits.push(milliseconds)));
    let calls = 0;
    const work = async (): Promise<never> => Promise.reject(new Transient(`failed ${++calls} times`));
    await expect(withRetries(work, pause)).rejects.toEqual(new Unavailable('failed 5 times'));
    expect(waits).toEqual([500, 1000, 2000, 4000]);
    const asking = async (): Promise<never> => Promise.reject(new Transient('busy', 3_600_000));
    await expect(withRetries(asking, pause)).rejects.toThrow('busy, and asks to wait 3600 s');
    const final = new Unavailable('gone');
    await expect(withRetries(async () => Promise.reject(final), pause)).rejects.toBe(final);
    expect(waits).toHaveLength(4);
  });
});

describe('the mirror', () => {
  const mirror = 'http://mirror.example/tools';

  test('has every publisher’s files below its host', () => {
    expect(mirrored('https://dl.k8s.io/v1/kubectl', mirror)).toBe('http://mirror.example/tools/dl.k8s.io/v1/kubectl');
    expect(mirrored('https://dl.k8s.io/v1/kubectl', undefined)).toBe('https://dl.k8s.io/v1/kubectl');
  });

  test.each([
    ['https://mirror.example/a/', 'https://mirror.example/a'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['', undefined],
    [undefined, undefined],
  ])('%j in the environment is %j', (text, expected) => {
    expect(mirrorOf({ K8S_GITOPS_MIRROR: text })).toBe(expected);
  });

  test.each([
    ['mirror.example', 'found mirror.example, expected an http or https URL'],
    ['ftp://mirror.example', 'found ftp://mirror.example, expected an http or https URL'],
    ['https://mirror.example/?a=b', 'expected an http or https URL'],
    ['https://me:secret@mirror.example', 'found a URL with a user name, expected one without'],
  ])('%j is refused', (text, message) => {
    expect(() => mirrorOf({ K8S_GITOPS_MIRROR: text })).toThrow(message);
    expect(() => mirrorOf({ K8S_GITOPS_MIRROR: text })).not.toThrow(/secret/);
  });

  test.each([
    ['https://cdn.example/f?sig=1', 'https://a.example/f', undefined, 'https://cdn.example/f?sig=1'],
    ['/g', 'https://a.example/f', undefined, 'https://a.example/g'],
    ['http://cdn.example/f', 'https://a.example/f', undefined, undefined],
    ['file:///etc/passwd', 'https://a.example/f', undefined, undefined],
    ['https://cdn.example/f?s=1', `${mirror}/a.example/f`, mirror, `${mirror}/cdn.example/f?s=1`],
    ['/tools/x', `${mirror}/a.example/f`, mirror, `${mirror}/x`],
    [`${mirror}/x`, `${mirror}/a.example/f`, mirror, `${mirror}/x`],
    ['http://elsewhere.example/x', `${mirror}/a.example/f`, mirror, undefined],
    ['/outside', `${mirror}/a.example/f`, mirror, undefined],
  ])('a redirect to %s from %s with mirror %s leads to %s', (location, from, base, expected) => {
    expect(redirectTarget(location, from, base)).toBe(expected);
  });
});

test.each([
  ['usr/local/bin/.wh.tool', true],
  ['usr/local/.wh.bin', true],
  ['.wh.usr', true],
  ['usr/local/bin/.wh..wh..opq', true],
  ['usr/.wh..wh..opq', true],
  ['.wh..wh..opq', true],
  ['usr/local/bin/.wh.tool2', false],
  ['usr/local/.wh.bi', false],
  ['opt/.wh..wh..opq', false],
  ['usr/local/bin/tool', false],
])('the whiteout %s hides usr/local/bin/tool: %s', (whiteout, expected) => {
  expect(hides(whiteout, 'usr/local/bin/tool')).toBe(expected);
});

test('a registry’s challenge', () => {
  expect(challengeOf('Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull"')).toEqual({
    realm: 'https://ghcr.io/token',
    service: 'ghcr.io',
    scope: 'repository:a/b:pull',
  });
  expect(challengeOf('Basic realm="x"')).toEqual({});
});
