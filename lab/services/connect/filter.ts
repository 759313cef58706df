import { ConnectError } from './types';

/** The attributes that a filter can match. */
export interface Filterable {
  title: string;
  tags?: string[];
}

/**
 * Whether an entry matches a SCIM filter in the forms that Connect accepts: `title eq "x"`, `title co "x"`, for vaults
 * also `name`, for items also `tag eq "x"`. Without a filter every entry matches.
 * @throws ConnectError 400 for any other filter
 */
export function matchesFilter(filter: string | undefined, kind: 'vault' | 'item', entry: Filterable): boolean {
  if (filter === undefined || filter === '') return true;
  const [, attribute, operator, value] = /^\s*(\w+)\s+(eq|co)\s+"(.*)"\s*$/.exec(filter) ?? [];
  if (value !== undefined) {
    if (attribute === 'title' || (attribute === 'name' && kind === 'vault')) {
      return operator === 'eq' ? entry.title === value : entry.title.includes(value);
    }
    if (attribute === 'tag' && kind === 'item' && operator === 'eq') return entry.tags?.includes(value) ?? false;
  }
  throw new ConnectError(400, `Invalid filter: ${filter}`);
}
