import types from './types.json';

/** The types of the configuration documents of a Talos library, as `tests/lab/talosTypes.ts` reads them from its Go source. */
export interface LibraryTypes {
  /** The version of the library. */
  library: string;
  /** By kind; `v1alpha1` for the document without one. */
  documents: Record<string, { type: string; named: boolean }>;
  /**
   * The fields of each struct, in the order in which the library writes them: `*bool,omitempty`, `[]string,replace`. `text` is
   * whatever has a form of its own.
   */
  structs: Record<string, Record<string, string>>;
  /** What lists and maps with a name are. */
  lists: Record<string, string>;
  /** The types that are merged in a way of their own. */
  mergers: string[];
  /** The structs that say themselves when they are left out. */
  isZero: string[];
}

/** Those of the library that the Pulumi Talos provider 0.8.1 generates configurations with. */
export const libraryTypes: LibraryTypes = types;
