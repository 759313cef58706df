import { markdownTable, withTable } from './docTable';
import { editorSchema } from '../cluster/editorSchema';
import { type StackKey, stackKeys } from '../cluster/stackReference';

/** Paths of the page about stack files and of their JSON schema, relative to the repository's root. */
export const stackDocFile = 'docs/machines.md';
export const editorSchemaFile = 'docs/stack.schema.json';

const levels: Readonly<Record<StackKey['level'], string>> = {
  machines: '`machines`, `controlPlane`, `worker`, each of `nodes`',
  nodes: 'each of `nodes`',
  stack: 'the stack',
};

/**
 * The page with new tables of keys: each is between `<!-- keys: <level> -->` and `<!-- end of keys -->`.
 * @throws Error if a table's place is missing
 */
export function withKeyTables(page: string): string {
  const keys = stackKeys();
  return (Object.keys(levels) as StackKey['level'][]).reduce((text, level) => {
    const place = { file: stackDocFile, start: `keys: ${level}`, end: 'end of keys', what: `keys of ${level}` };
    return withTable(text, place, keyTable(keys.filter((key) => key.level === level)));
  }, page);
}

/** The JSON schema of a stack file as its file has it. */
export const editorSchemaText = (project: string): string => `${JSON.stringify(editorSchema(project), null, 2)}\n`;

function keyTable(keys: readonly StackKey[]): string {
  const rows = keys.map(({ path, level, type, required, default: fallback, talos, description, sameAs }) => {
    const more = sameAs === undefined ? '' : ` Its keys: as below \`${sameAs}\`.`;
    const value = required ? 'required' : fallback === undefined ? '' : `\`${fallback}\``;
    return [
      `\`${path}\``,
      type,
      value,
      levels[level],
      talos === undefined ? '' : `\`${talos}\``,
      `${description}${more}`,
    ];
  });
  return markdownTable(['key', 'type', 'default', 'level', 'Talos', 'what it is'], rows);
}
