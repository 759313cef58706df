import * as fs from 'node:fs';
import * as path from 'node:path';
import { startHelmRepositories } from '../../lab/services/registry/helmRepositories';
import { temporaryFolder } from './temporaryFolder';

const root = temporaryFolder();

test('serves the index and the archives of each host, and nothing else', async () => {
  fs.mkdirSync(path.join(root, 'served', 'charts.example'), { recursive: true });
  fs.writeFileSync(path.join(root, 'served', 'charts.example', 'index.yaml'), 'entries: {}\n');
  fs.writeFileSync(path.join(root, 'secret.yaml'), 'x');
  const server = await startHelmRepositories({ port: 0, root: path.join(root, 'served') });
  const ask = async (target: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${target}`, { method });
    return [response.status, await response.text()];
  };
  expect(await ask('/charts.example/index.yaml')).toEqual([200, 'entries: {}\n']);
  expect(await ask('/charts.example/index.yaml', 'HEAD')).toEqual([200, '']);
  expect(await ask('/healthz')).toEqual([200, 'ok\n']);
  for (const missing of ['/index.yaml', '/charts.example/app-1.0.0.tgz', '/charts.example/', '/..%2fsecret.yaml']) {
    expect((await ask(missing))[0]).toBe(404);
  }
  await server.close();
});
