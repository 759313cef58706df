import { secretAgeDays } from '../../../cluster/secretCategories';
import type { SecretAge } from '../../../cluster/secretAges';
import { expiryOf } from '../../../clients/expiry';
import { secretConfigKeys } from '../../../cluster/stackConfig';
import { decryptedDeep, type ExportedState, resourcesOf } from '../../stack/exportedState';
import type { Drift } from '../drift';

/** The ages that the last `up` recorded in the stack's outputs, by name; undefined if it recorded none. */
export function recordedAges(state: ExportedState): Record<string, SecretAge> | undefined {
  const [stack] = resourcesOf(state, 'pulumi:pulumi:Stack');
  const ages = decryptedDeep(stack?.outputs?.['secretAges']);
  return typeof ages === 'object' && ages !== null ? (ages as Record<string, SecretAge>) : undefined;
}

/** What is over the age of its category or near its end, by names as `secretAges` of a stack has them. */
export function evaluateAges(ages: Readonly<Record<string, SecretAge>>, stack: string, now: Date): Drift[] {
  return Object.entries(ages).flatMap(([name, age]) => {
    const base = { layer: 'secrets' as const, owner: 'people', ...placeOf(name), todo: todoFor(name, stack) };
    const { category, madeAt, expiresAt, replaceBy } = age;
    const expiry = expiryOf('it', expiresAt === undefined ? undefined : new Date(expiresAt), now);
    const overdue = replaceBy !== undefined && Date.parse(replaceBy) <= now.getTime();
    return [
      ...(expiry === undefined ? [] : [{ ...base, id: 'secret-expiry', why: expiry.why }]),
      // One that must be replaced because it expires is not reported twice.
      ...(!overdue || expiry !== undefined
        ? []
        : [
            {
              ...{ ...base, id: 'secret-age', why: `reached the maximum age of its category, ${category}` },
              wanted: `at most ${secretAgeDays[category]} days old`,
              found: `made at ${madeAt}`,
              since: replaceBy,
            },
          ]),
    ];
  });
}

/** Names are a key of the stack's configuration, or the title of an item and the label of its field. */
function placeOf(name: string): Pick<Drift, 'object' | 'field'> {
  const [title, field] = name.split(' ');
  return field === undefined ? { object: `token ${name}` } : { object: `item ${title}`, field };
}

function todoFor(name: string, stack: string): string {
  return (secretConfigKeys as readonly string[]).includes(name)
    ? `create a new one and set it: pulumi config set --secret ${name} --stack ${stack}`
    : 'rotate it as docs/secrets.md says';
}
