/** A Deployment with one container; `pod` is YAML of its pod spec, `container` of its container, both in one line. */
export function deployment(
  name: string,
  {
    pod = '',
    container = '',
    replicas = 2,
    selector = name,
  }: { pod?: string; container?: string; replicas?: number; selector?: string } = {},
): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: app}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${selector}}}
  template:
    metadata: {labels: {app: ${selector}}}
    spec: {${pod === '' ? '' : `${pod}, `}containers: [{name: main, image: example.org/web:1.0.0${container === '' ? '' : `, ${container}`}}]}
`;
}

/** A PersistentVolumeClaim; `more` is YAML of its spec in one line. */
export function claim(name: string, size: string, more = ''): string {
  return `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}, namespace: app}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}${more === '' ? '' : `, ${more}`}}
`;
}

/** A HelmRelease of a chart in a HelmRepository, with its values as YAML in one line. */
export function release(name: string, { values = '{}', version = '1.2.3', more = '' } = {}): string {
  return `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: app}
spec:
  chart: {spec: {chart: ${name}, version: ${version}, sourceRef: {kind: HelmRepository, name: charts}}}
  values: ${values}${more === '' ? '' : `\n  ${more}`}
`;
}

/** An object in one line each: its kind, name and the rest as YAML. */
export function object(apiVersion: string, kind: string, name: string, rest = '', metadata = ''): string {
  return `---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: ${name}, namespace: app${metadata === '' ? '' : `, ${metadata}`}}
${rest}
`;
}
