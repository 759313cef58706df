import { markdownTable, withTable } from '../docTable';
import { schemaKeys } from '../../cluster/stackReference';
import { answersSchema } from './answers';

/** Path of the page about `npm run init`, relative to the repository's root. */
export const answersDocFile = 'docs/init.md';

/**
 * The page with a new table of answers, between `<!-- answers -->` and `<!-- end of answers -->`.
 * @throws Error if the table's place is missing
 */
export function withAnswersTable(page: string): string {
  const rows = schemaKeys(answersSchema).map(({ path, type, required, default: fallback, description, sameAs }) => [
    `\`${path}\``,
    type,
    required ? 'required' : fallback === undefined ? '' : `\`${fallback}\``,
    sameAs === undefined ? description : `${description} Its keys: as below \`${sameAs}\`.`,
  ]);
  const place = { file: answersDocFile, start: 'answers', end: 'end of answers', what: 'answers' };
  return withTable(page, place, markdownTable(['key', 'type', 'default', 'what it is'], rows));
}
