import { generateConfiguration } from '../../../cluster/talos/library/generate';
import { mergerNames } from '../../../cluster/talos/library/merge';
import { libraryTypes } from '../../../cluster/talos/library/types';
import type { JsonMap } from '../../../gitops/kubernetesObject';
import { oddRequest, readAnswers } from '../../lab/talosLibraryFacts';
import { maskedLikeTheLibrary } from './masked';
import { oddPatches } from './oddPatches';

// tests/lab/talosLibrary.test.ts compares the answers with the Go library itself.
describe('odd patches are merged as the Talos library merges them', () => {
  const answers = readAnswers();

  test.each(oddPatches.map((odd) => [odd.name, odd] as const))('%s', (name, odd) => {
    const answer = answers[name];
    const generate = (): JsonMap[] => generateConfiguration(oddRequest(odd), () => '***').map(maskedLikeTheLibrary);
    if (answer === null) expect(generate).toThrow(/: found .*, expected /);
    else expect(generate()).toEqual(answer);
  });

  test('what is refused is refused by the library', () => {
    const refused = Object.entries(answers).flatMap(([name, answer]) => (answer === null ? [name] : []));
    expect(refused).toEqual(oddPatches.map(({ name }) => name).filter((name) => name.startsWith('refused: ')));
  });
});

test('a format that is too old', () => {
  expect(() =>
    generateConfiguration({ ...oddRequest({ name: 'a', patches: [] }), talosVersion: 'v1.7' }, () => ''),
  ).toThrow('talosVersion: found "v1.7", expected v1.8 or later, whose format the program knows');
});

test('no type that is merged in a way of its own is missing', () => {
  expect([...mergerNames].sort()).toEqual([...libraryTypes.mergers, 'block.Size'].sort());
});
