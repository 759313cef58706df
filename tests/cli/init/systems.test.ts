import { chooseSystems, type System } from '../../../cli/init/systems';
import { placesIn } from '../../../cluster/keyPath';
import { formatProblem } from '../../../cluster/problems';

const systems: System[] = [
  { name: 'core', provides: ['cilium', 'flux-instance'], dependsOn: [] },
  { name: 'external', provides: ['external'], dependsOn: ['issuer', 'pool'] },
  { name: 'issuer-a', provides: ['issuer'], dependsOn: ['cilium'] },
  { name: 'issuer-b', provides: ['issuer'], dependsOn: ['cilium'] },
  { name: 'pool', provides: ['pool'], dependsOn: ['cilium'] },
  { name: 'receiver', provides: ['receiver'], dependsOn: ['external', 'flux-instance'] },
];
const at = placesIn('site.yaml', (path) => (path.length > 2 ? 12 : 9));
const choose = (wanted: Parameters<typeof chooseSystems>[0]['systems'], listed: string[] = []) => {
  const { problems, ...rest } = chooseSystems({ systems: wanted }, systems, listed, at);
  return { ...rest, problems: problems.map(formatProblem) };
};

test('lists core first, and what a wanted system depends on', () => {
  expect(choose(['issuer-b', 'receiver'])).toEqual({
    names: ['core', 'external', 'issuer-b', 'pool', 'receiver'],
    added: [
      { name: 'external', for: 'receiver' },
      { name: 'pool', for: 'external' },
    ],
    problems: [],
  });
  expect(choose(['core'])).toEqual({ names: ['core'], added: [], problems: [] });
});

test('leaves the choice between alternatives to people', () => {
  expect(choose(['external']).problems).toEqual([
    'site.yaml:9 systems: found external, which depends on issuer, expected one of issuer-a, issuer-b; add one, or remove external',
  ]);
  expect(choose(['issuer-a', 'issuer-b']).problems).toEqual([
    'site.yaml:9 systems: found issuer-a and issuer-b, expected one of issuer-a, issuer-b, which are alternatives; keep one of them',
  ]);
  expect(choose('all').problems).toEqual([
    'site.yaml:9 systems: found issuer-a and issuer-b, expected one of issuer-a, issuer-b, which are alternatives; leave the others out: systems: { without: [...] }',
  ]);
});

test('takes of alternatives the one that is in use already', () => {
  expect(choose('all', ['issuer-b', 'issuer-a'])).toEqual({
    names: ['core', 'external', 'issuer-b', 'pool', 'receiver'],
    added: [],
    problems: [],
  });
  expect(choose({ without: ['issuer-b', 'receiver'] }, ['issuer-b']).names).toEqual([
    'core',
    'external',
    'issuer-a',
    'pool',
  ]);
});

test('adds a left-out system that another one depends on, and refuses an unknown one', () => {
  expect(choose({ without: ['pool', 'issuer-a'] }).added).toEqual([{ name: 'pool', for: 'external' }]);
  expect(choose({ without: ['pol'] }, ['issuer-a']).problems).toEqual([
    'site.yaml:12 systems.without[0]: found "pol", expected one of core, external, issuer-a, issuer-b, pool, receiver; correct it',
  ]);
  expect(choose(['issuer-a', 'dns']).problems).toEqual([
    'site.yaml:9 systems[1]: found "dns", expected one of core, external, issuer-a, issuer-b, pool, receiver; correct it',
  ]);
});
