import * as pulumi from '@pulumi/pulumi';
import { requireHelm as requireHelmOfProvider } from '../clients/helm/helm';

/** Throws a `RunError` unless a Helm that can install the core is on PATH: better now than with machines half-way. */
export async function requireHelm(): Promise<void> {
  try {
    await requireHelmOfProvider(new AbortController().signal);
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
