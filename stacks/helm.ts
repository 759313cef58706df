import * as pulumi from '@pulumi/pulumi';
import { requireHelm as requireHelmOfProvider } from '../clients/helm/helm';

/** Throws a `RunError` unless PATH has a Helm that can install the core. Checked before any machine is touched. */
export async function requireHelm(): Promise<void> {
  try {
    await requireHelmOfProvider(new AbortController().signal);
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
