import * as path from 'node:path';
import type { ImportedRepository } from './importRepository';

/** The repository of Keycloak's operator, which no Go module has: the lab serves a stand-in. */
export const keycloakResources: ImportedRepository = {
  repository: 'keycloak/keycloak-k8s-resources',
  tag: '26.4.2',
  folder: path.join(__dirname, 'repositories', 'keycloak-k8s-resources'),
  origin: 'in our own words',
};
