import { answersOfLibrary, basesOfLibrary, expectAnswers, expectFacts, typesOfLibrary } from './talosLibraryFacts';

// After another version of the library: UPDATE_TALOS=1 npm run test:lab -- tests/lab/talosLibrary.test.ts
describe('what the program knows about the Talos library', () => {
  test('the types of its documents', () => {
    expectFacts('types.json', typesOfLibrary());
  });

  test('what it generates without patches', async () => {
    expectFacts('base.json', await basesOfLibrary());
  }, 600_000);

  test('what it makes of odd patches', async () => {
    expectAnswers(await answersOfLibrary());
  }, 600_000);
});
