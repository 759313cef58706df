import { plainSecretValue } from '../../../gitops/checks/secrets';
import { findingsOf } from './handTree';
import { release, tree } from './releaseTree';

describe('plain secrets', () => {
  const found = (values: string): number => findingsOf(plainSecretValue, tree(release(`{values: ${values}}`))).length;

  test.each([
    ['{env: [{name: API_TOKEN, value: x}]}', 1],
    ['{env: [{name: API_TOKEN, valueFrom: {secretKeyRef: {name: s, key: k}}}]}', 0],
    ['{env: [{name: API_TOKEN_FILE, value: /run/t}]}', 0],
    ['{env: {API_TOKEN: x}}', 1],
    ['{adminPassword: x}', 1],
    ['{adminPassword: ""}', 0],
    ['{existingSecretPasswordKey: x}', 0],
    ['{secret: {token: name-of-a-key}}', 0],
  ])('%s', (values, count) => expect(found(values)).toBe(count));
});
