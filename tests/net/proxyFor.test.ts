import { proxyFor } from '../../net/proxyFor';

const proxy = 'http://127.0.0.1:3128';

test.each([
  ['https://op.example.org', {}, true],
  ['https://op.example.org', { NO_PROXY: 'example.org' }, false],
  ['https://op.example.org', { NO_PROXY: '.example.org, other' }, false],
  ['https://op.example.org', { NO_PROXY: '*.example.org' }, false],
  ['https://op.example.org', { NO_PROXY: 'ample.org' }, true],
  ['https://op.example.org:8443', { NO_PROXY: 'op.example.org:443' }, true],
  ['https://op.example.org:8443', { NO_PROXY: 'op.example.org:8443' }, false],
  ['https://op.example.org', { NO_PROXY: 'op.example.org:443' }, false],
  ['https://op.example.org', { NO_PROXY: 'op.example.org:80' }, true],
  ['https://127.4.5.6', { NO_PROXY: '127.0.0.0/8,localhost' }, false],
  ['https://128.4.5.6', { NO_PROXY: '127.0.0.0/8,localhost' }, true],
  ['https://op.example.org', { no_proxy: '*' }, false],
  ['https://op.example.org', { no_proxy: 'other', NO_PROXY: '*' }, true],
])('%s with %j uses the proxy: %s', (url, env, used) => {
  expect(proxyFor(url, { HTTPS_PROXY: proxy, ...env })).toBe(used ? proxy : undefined);
});

test('HTTP_PROXY applies to http only, HTTPS_PROXY to https only; lower-case names come first', () => {
  expect(proxyFor('http://a.example', { HTTPS_PROXY: proxy })).toBeUndefined();
  expect(proxyFor('http://a.example', { http_proxy: proxy })).toBe(proxy);
  expect(proxyFor('https://a.example', { HTTP_PROXY: proxy })).toBeUndefined();
  expect(proxyFor('https://a.example', { HTTPS_PROXY: 'http://upper', https_proxy: proxy })).toBe(proxy);
});
