import { showDriftProgress } from '../../../cli/drift/progress';

const none = { drift: [], couldNotTell: [] };
const found = { ...none, couldNotTell: [{ layer: 'flux' as const, object: 'x', why: 'y', todo: 'z' }] };

function screenOf(isTTY: boolean): { written: string[]; screen: Parameters<typeof showDriftProgress>[0] } {
  const written: string[] = [];
  return { written, screen: { isTTY, columns: 40, write: (text: unknown) => written.push(String(text)) > 0 } };
}

test('elsewhere than on a terminal, each layer that has finished is a line', () => {
  const { written, screen } = screenOf(false);
  const progress = showDriftProgress(screen);
  progress.started('east', 'flux');
  progress.started('east', 'edge');
  progress.note('east', 'waiting for Flux');
  progress.finished('east', 'flux', found);
  progress.finished('east', 'edge', none);
  progress.close();
  expect(written).toEqual([
    'drift: east: waiting for Flux\n',
    'drift: east: flux: 0 drifted, 1 could not be told\n',
    'drift: east: edge: 0 drifted, 0 could not be told\n',
  ]);
});

test('on a terminal, one line says what is being compared, never wider than it', () => {
  const { written, screen } = screenOf(true);
  const progress = showDriftProgress(screen);
  progress.started('east', 'flux');
  progress.started('a-stack-with-a-very-long-name', 'machines');
  progress.finished('east', 'flux', found);
  progress.close();
  expect(written[0]).toBe('\r\x1b[K0 findings; comparing: east flux');
  expect(written[2]).toBe('\r\x1b[K1 findings; comparing: a-stack-with-a-v');
  expect(written.at(-1)).toBe('\r\x1b[K');
  for (const line of written) expect(line.replace('\r\x1b[K', '').length).toBeLessThan(40);
});
