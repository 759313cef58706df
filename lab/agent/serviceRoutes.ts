import type { Deployment, Service } from './kubeTypes';

/** A Deployment that runs as a host process, with the loopback ports by container port and port name. */
export interface Serving {
  deployment: Deployment;
  ports: Record<string, number>;
}

/** The target of a connection to a Service: a port on 127.0.0.1, or why there is none. */
export type Route = { port: number } | { refused: string };

/**
 * Resolves `host:port`, as the API server dials it (a ClusterIP or `<service>.<namespace>.svc`), to a host process. If the
 * pods of a Service are simulated, nothing can respond, and the reason names the Service. Pure.
 */
export function routeToService(services: Service[], serving: Serving[], host: string, port: number): Route {
  const service = services.find((candidate) => hasAddress(candidate, host));
  if (service === undefined) return { refused: `no Service of this cluster has the address ${host}` };
  const name = `Service ${service.metadata.namespace ?? ''}/${service.metadata.name}`;
  const servicePort = service.spec.ports?.find((candidate) => candidate.port === port);
  if (servicePort === undefined) return { refused: `${name} has no port ${port}` };
  const behind = serving.find((candidate) => selects(service, candidate.deployment));
  if (behind === undefined) return { refused: `${name} has no process in this lab: its pods are simulated or not up` };
  const target = servicePort.targetPort ?? servicePort.port;
  const hostPort = behind.ports[String(target)];
  return hostPort === undefined
    ? { refused: `${name} port ${port}: its process does not serve ${target} in this lab` }
    : { port: hostPort };
}

function hasAddress(service: Service, host: string): boolean {
  const { name, namespace = '' } = service.metadata;
  if (service.spec.clusterIP === host) return true;
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`].includes(host.replace(/\.$/, ''));
}

function selects(service: Service, deployment: Deployment): boolean {
  const selector = Object.entries(service.spec.selector ?? {});
  const labels = deployment.spec.template.metadata?.labels ?? {};
  const sameNamespace = service.metadata.namespace === deployment.metadata.namespace;
  return sameNamespace && selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}
