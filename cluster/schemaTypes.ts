import * as z from 'zod';
import { textFault } from '../gitops/plainText';
import { canonicalAddress } from '../net/addresses';
import { isDnsName } from './names';

// What the schema of a stack is made of. Every message completes "expected …" of a problem; see parseStackConfig.

/** What documentation says about a key: one sentence, and the field of Talos that it becomes. */
export interface KeyMeta {
  description: string;
  /** `machine.network.interfaces[].mtu`, or `UserVolumeConfig provisioning`; absent if Talos has no such field. */
  talos?: string;
}

/** Adds a description, and the field of Talos that the key becomes, for documentation and editors. */
export function described<T extends z.ZodType>(schema: T, description: string, talos?: string): T {
  return schema.meta(talos === undefined ? { description } : { description, talos });
}

/** Visible text without spaces around it that passes the test. */
export const text = (expected: string, test: (value: string) => boolean) =>
  z.string({ error: expected }).superRefine((value, context) => {
    const message = textFault(value) ?? (test(value) ? undefined : expected);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** An integer from `min` to `max`. */
export const integer = (expected: string, min: number, max: number) =>
  z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });

/** An unsigned integer of that many bits. */
export const unsigned = (bits: 8 | 16 | 32) => integer(`an integer from 0 to ${2 ** bits - 1}`, 0, 2 ** bits - 1);

/** One of these texts. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

/** A list of at least one element. */
export const list = <T extends z.ZodType>(element: T, expected: string) =>
  z.array(element, { error: expected }).min(1, { error: expected });

/** An object of these keys and no others. */
export const section = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : `an object with ${Object.keys(shape).join(', ')}`,
  });

/** A map by names that pass the test. */
export const mapOf = <T extends z.ZodType>(name: z.ZodType<string, string>, value: T, expected: string) =>
  z.record(name, value, { error: expected });

export const nonEmpty = (what: string) => text(what, (value) => value.trim() !== '');
export const trueOrFalse = z.boolean({ error: 'true or false' });
/** IPv6 only in its shortest form: texts are compared, by this program and by Talos. */
export const ipAddress = text('an IP address, not a name; IPv6 in its shortest form', isCanonical);
export const host = text('an IP address or a DNS name', (value) => isCanonical(value) || isDnsName(value));
export const domain = text('a DNS name', isDnsName);

/** Whether an object has at least one key. */
export const hasKeys = (value: object) => Object.keys(value).length > 0;

function isCanonical(value: string): boolean {
  return canonicalAddress(value) === value;
}
