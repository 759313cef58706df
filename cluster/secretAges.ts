import type { ClusterDefinition } from './definition';
import { managedFields } from './onePasswordFields';
import { type SecretCategory, secretAgeDays } from './secretCategories';

/** When a secret was made and must be replaced; all times are ISO 8601. None of it is secret. */
export interface SecretAge {
  category: SecretCategory;
  /** Absent if the secret does not say. */
  madeAt?: string;
  /** When it stops working; absent if it never does. */
  expiresAt?: string;
  /** When it reaches the maximum age of its category; absent if that has none. */
  replaceBy?: string;
}

/** The age of a secret, from what is known of it. Does not depend on the current time, so it does not change by itself. */
export function secretAge(category: SecretCategory, madeAt?: string, expiresAt?: string): SecretAge {
  const days = secretAgeDays[category];
  const made = Date.parse(madeAt ?? '');
  return {
    category,
    ...(madeAt !== undefined && { madeAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(days !== undefined && !Number.isNaN(made) && { replaceBy: new Date(made + days * 86_400_000).toISOString() }),
  };
}

type FieldName = keyof ReturnType<typeof managedFields>;

/** The ages of fields that the program manages, by `<title> <field>`; `madeAt` has the times when they were generated. */
export function fieldAges(
  definition: Pick<ClusterDefinition, 'name' | 'tsigItem'>,
  madeAt: Partial<Record<FieldName, string>>,
): Record<string, SecretAge> {
  const fields = managedFields(definition);
  return Object.fromEntries(
    Object.entries(madeAt).map(([name, time]) => {
      const { title, field, category } = fields[name as FieldName];
      return [`${title} ${field}`, secretAge(category, time)];
    }),
  );
}
