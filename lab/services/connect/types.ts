/** One field of a 1Password item, as Connect shows it. */
export interface ConnectField {
  id: string;
  type: string;
  label?: string;
  value?: string;
  purpose?: string;
  section?: { id: string; label?: string };
}

/** A 1Password item with everything in it. */
export interface ConnectItem {
  id: string;
  title: string;
  category: string;
  vault: { id: string };
  tags?: string[];
  favorite?: boolean;
  urls?: { href: string; label?: string; primary?: boolean }[];
  sections?: { id: string; label?: string }[];
  fields?: ConnectField[];
  version: number;
  createdAt: string;
  updatedAt: string;
  lastEditedBy: string;
}

/** A vault and its items; items in the order they were created. */
export interface ConnectVault {
  id: string;
  name: string;
  description: string;
  createdAt: string;
  updatedAt: string;
  contentVersion: number;
  items: ConnectItem[];
}

/** What a token may do, by vault name. A vault that is not named is out of its reach. */
export type VaultAccess = Record<string, 'read' | 'write'>;

/** An item that a vault has from the start. */
export interface SeedItem {
  title: string;
  category?: string;
  fields: Record<string, string>;
}

/** An answer that is an error: status and the body `{status, message}`. */
export class ConnectError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Somebody else wrote in between. The status is the real one's, the words are ours. */
export function conflict(): ConnectError {
  return new ConnectError(409, 'Conflict: the vault was changed by somebody else');
}
