/** The random secrets that the program can make, by their names among the fields that it manages. */
export const generatedFields = [
  'webhookToken',
  'backupPassword',
  'tsigSecret',
  'metricsWriter',
  'logsWriter',
  'alertsWriter',
  'tracesWriter',
  'storeReader',
  'grafanaAdmin',
  'keycloakDatabase',
  'harborDatabase',
  'gitlabDatabase',
  'dragonflyPassword',
] as const;
export type GeneratedField = (typeof generatedFields)[number];
