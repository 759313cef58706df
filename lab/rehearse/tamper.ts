import type { LayerName } from '../../cli/drift/drift';
import type { Undo } from './undo';
import type { World } from './world';

/** A finding that a tamper must lead to. */
export interface Expected {
  layer: LayerName;
  object: string;
  /** Absent: a finding about the whole object. */
  field?: string;
}

/** Something that is changed behind the back of its owner, or that drift must not mind. */
export interface Tamper {
  /** Unique, kebab-case: `machines-sysctl-added`. */
  name: string;
  /** The layer that it belongs to; `none` if it is not drift. */
  layer: LayerName | 'none';
  /** Exactly what a run must find. */
  expect: readonly Expected[];
  /** The layers that cannot tell everything meanwhile. Default: none. */
  couldNotTell?: readonly LayerName[];
  /** Changes it. Returns only when the change can be seen. */
  apply(world: World): Promise<Undo>;
}
