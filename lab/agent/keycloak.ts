import { at, isTrue, listAt, missingKey, namespaceOf, type Refusal, specOf, text } from './refusals';
import type { ReportedObject } from './reportedObject';
import type { StandInRule } from './standInRule';

// Keycloak's operator 26.4 (operator/src/main/java/org/keycloak/operator/controllers): the pods of a Keycloak wait for the Secrets
// that they name, and the server does not start without a host name, or without TLS unless HTTP is turned on.

const group = '/apis/k8s.keycloak.org/v2alpha1';

/** Its Secrets with the keys that it reads, and what the server needs to start in production. */
export const keycloak: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const namespace = namespaceOf(object);
  const bootstrap = text(spec, 'bootstrapAdmin', 'user', 'secret');
  const references = [
    at(spec, 'db', 'usernameSecret'),
    at(spec, 'db', 'passwordSecret'),
    ...listAt(spec, 'additionalOptions').map((option) => at(option, 'secret')),
    ...(bootstrap === undefined ? [] : ['username', 'password'].map((key) => ({ name: bootstrap, key }))),
  ].filter((reference) => reference !== undefined && at(reference, 'optional') !== true);
  for (const reference of references) {
    const problem = await missingKey(lookup, namespace, text(reference, 'name') ?? '', text(reference, 'key') ?? '');
    if (problem !== undefined) return problem;
  }
  const mounted = Object.values((at(spec, 'truststores') ?? {}) as Record<string, unknown>).map((one) =>
    at(one, 'secret'),
  );
  const tls = text(spec, 'http', 'tlsSecret');
  for (const secret of [...mounted, ...(tls === undefined ? [] : [{ name: tls }])]) {
    const name = text(secret, 'name') ?? '';
    if (at(secret, 'optional') === true) continue;
    if ((await lookup.get(`/api/v1/namespaces/${namespace}/secrets/${name}`)) === undefined)
      return `its pods stay pending: Secret ${namespace}/${name} does not exist`;
  }
  if (text(spec, 'db', 'vendor') === undefined) return 'no database: spec.db.vendor is missing';
  if (tls === undefined && at(spec, 'http', 'httpEnabled') !== true) return 'Key material not provided to setup HTTPS';
  if (text(spec, 'hostname', 'hostname') === undefined && at(spec, 'hostname', 'strict') !== false)
    return 'hostname is not configured; either configure hostname, or set hostname-strict to false';
  return undefined;
};

/** Its Keycloak is ready, and the Secrets of its placeholders can be read. */
export const keycloakRealmImport: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const namespace = namespaceOf(object);
  const name = text(spec, 'keycloakCRName') ?? '';
  const server = await lookup.get(`${group}/namespaces/${namespace}/keycloaks/${name}`);
  if (server === undefined) return `Keycloak ${namespace}/${name} does not exist`;
  if (!isTrue(server, 'Ready')) return `Keycloak ${name} is not ready`;
  if (text(spec, 'realm', 'realm') === undefined) return 'the realm has no name';
  for (const placeholder of Object.values((at(spec, 'placeholders') ?? {}) as Record<string, unknown>)) {
    const secret = at(placeholder, 'secret');
    const problem = await missingKey(lookup, namespace, text(secret, 'name') ?? '', text(secret, 'key') ?? '');
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const conditions = (object: ReportedObject, states: Record<string, boolean>, why?: string): Record<string, unknown>[] =>
  Object.entries(states).map(([type, state]) => ({
    type,
    status: state ? 'True' : 'False',
    message: why === undefined ? 'reported by a stand-in of the lab' : `a stand-in of the lab refuses: ${why}`,
    observedGeneration: object.metadata.generation ?? 1,
    lastTransitionTime: '2025-01-01T00:00:00Z',
  }));

const operator = {
  operator: "Keycloak's operator",
  deployment: { namespace: 'keycloak-system', name: 'keycloak-operator' },
  api: group,
};

function serverStatus(object: ReportedObject, why?: string): Record<string, unknown> {
  const isReady = why === undefined;
  return {
    observedGeneration: object.metadata.generation ?? 1,
    instances: isReady ? Number(at(object.spec, 'instances') ?? 1) : 0,
    conditions: conditions(object, { Ready: isReady, HasErrors: !isReady, RollingUpdate: false }, why),
  };
}

const importStatus = (object: ReportedObject, why?: string): Record<string, unknown> => ({
  conditions: conditions(object, { Done: why === undefined, Started: false, HasErrors: false }, why),
});

/** The kinds of Keycloak's operator. An import that waits has no errors yet. */
export const keycloakRules: readonly StandInRule[] = [
  {
    ...operator,
    kind: 'Keycloak',
    plural: 'keycloaks',
    claims: 'Ready; no one can sign in',
    refuses: keycloak,
    status: (object) => serverStatus(object),
    refused: serverStatus,
  },
  {
    ...operator,
    kind: 'KeycloakRealmImport',
    plural: 'keycloakrealmimports',
    claims: 'Done; imports nothing',
    refuses: keycloakRealmImport,
    status: (object) => importStatus(object),
    refused: importStatus,
  },
];
