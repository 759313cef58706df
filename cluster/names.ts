/** Whether the text is a DNS label (RFC 1123), as Kubernetes requires of many names. */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** Whether the text is a lower-case DNS name with at least two labels. */
export function isDnsName(text: string): boolean {
  const labels = text.split('.');
  return text.length <= 253 && labels.length > 1 && labels.every(isDnsLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** Whether the text is an e-mail address with a DNS name. */
export function isEmail(text: string): boolean {
  return /^[^@\s]+@[^@\s]+$/.test(text) && isDnsName(text.split('@')[1] ?? '');
}

/** The file with a stack's configuration. */
export function stackFileName(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

/** The file with a cluster's settings, relative to the repository root. */
export function settingsFileName(cluster: string): string {
  return `kubernetes/clusters/${cluster}/cluster-settings.yaml`;
}
