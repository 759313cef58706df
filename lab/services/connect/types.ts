/** A field of a 1Password item in Connect's format. */
export interface ConnectField {
  id: string;
  type: string;
  label?: string;
  value?: string;
  purpose?: string;
  section?: { id: string; label?: string };
}

/** A complete 1Password item. */
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

/** A vault and its items in creation order. */
export interface ConnectVault {
  id: string;
  name: string;
  description: string;
  createdAt: string;
  updatedAt: string;
  contentVersion: number;
  items: ConnectItem[];
}

/** The access that a token grants, by vault name; none to other vaults. */
export type VaultAccess = Record<string, 'read' | 'write'>;

/** An initial item of a vault. */
export interface SeedItem {
  title: string;
  category?: string;
  fields: Record<string, string>;
}

/** An error response: HTTP status and body `{status, message}`. */
export class ConnectError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A concurrent write. The status is the real server's, the message is ours. */
export function conflict(): ConnectError {
  return new ConnectError(409, 'Conflict: another client changed the vault');
}
