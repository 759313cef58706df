import type { Json } from '../../../gitops/kubernetesObject';
import type { FieldDrift } from '../../../gitops/drift/fieldDrifts';
import type { CouldNotTell, Drift, LayerName } from '../drift';

/** What the findings of one object have in common. */
export type Subject = Pick<Drift, 'layer' | 'owner' | 'object' | 'todo'> & Partial<Pick<Drift, 'fix' | 'explains'>>;

const longest = 120;

/** A value as short text. */
export function shortText(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const [line = ''] = text.split('\n');
  if (line.length <= longest && line === text) return text;
  return `${line.slice(0, longest)}…`;
}

/** The finding of a field. */
export function fieldFinding(id: string, subject: Subject, { path, wanted, found, manager }: FieldDrift): Drift {
  const by = manager === undefined ? undefined : `${manager} set it; its owner does not, and does not take it away`;
  // Long values may differ only behind what is shown.
  const isLong = wanted !== undefined && found !== undefined && shortText(wanted) === shortText(found);
  return {
    id,
    ...subject,
    ...(path !== '' && { field: path }),
    ...(wanted !== undefined && { wanted: shortText(wanted) }),
    ...(found !== undefined && { found: shortText(found) }),
    ...((by ?? isLong) && { why: by ?? 'they differ further on' }),
  };
}

/** "Could not tell", where each kind is named once. */
export class Unknowns {
  private readonly kinds = new Set<string>();
  readonly all: CouldNotTell[] = [];

  constructor(private readonly layer: LayerName) {}

  add(object: string, why: string, todo: string): void {
    this.all.push({ layer: this.layer, object, why, todo });
  }

  /** For a kind that cannot be compared at all. */
  addKind(kind: string, why: string, todo: string): void {
    if (this.kinds.has(kind)) return;
    this.kinds.add(kind);
    this.add(`every ${kind}`, why, todo);
  }
}
