import * as pulumi from '@pulumi/pulumi';
import * as settings from '@pulumi/pulumi/runtime/settings';

/** A resource as the engine received it. */
export interface Registered {
  type: string;
  name: string;
  /** Without secret markers. */
  inputs: Record<string, unknown>;
  /** Dotted paths of the inputs that are marked as secret, sorted. */
  secretInputs: string[];
  /** From here on, options that only the raw request contains. */
  secretOutputs: string[];
  retainOnDelete: boolean;
  protect: boolean;
  replaceOnChanges: string[];
  ignoreChanges: string[];
  version: string;
  pluginDownloadUrl: string;
  provider: string;
  parent: string;
  /** URNs, sorted. */
  dependencies: string[];
  /** By input: the URNs of the resources whose outputs it is made of. */
  inputDependencies: Record<string, string[]>;
  /** Former identities, as `type <token>` or `name <name>`. */
  aliases: string[];
  urn: string;
}

/** A function call as the engine received it. */
export interface Called {
  token: string;
  inputs: Record<string, unknown>;
}

interface Request {
  getType(): string;
  getName(): string;
  getAdditionalsecretoutputsList(): string[];
  getRetainondelete(): boolean;
  getProtect(): boolean;
  getReplaceonchangesList(): string[];
  getIgnorechangesList(): string[];
  getVersion(): string;
  getPlugindownloadurl(): string;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { forEach(each: (value: { getUrnsList(): string[] }, key: string) => void): void };
  getParent(): string;
  getAliasesList(): { getSpec(): { getType(): string; getName(): string } | undefined }[];
  getAliasurnsList(): string[];
}

interface Monitor {
  registerResource(request: Request, callback: (error: unknown, response?: { getUrn(): string }) => void): void;
}

/** Everything that the program registered and called. */
export interface Recorder {
  resources: Registered[];
  calls: Called[];
}

/**
 * Replaces the engine with mocks and records all requests. `state` returns a resource's outputs in addition to its inputs. In a
 * preview, outputs that it does not return are unknown, and so is the id if it returns nothing.
 */
export async function record(options: {
  project: string;
  stack: string;
  preview?: boolean;
  state?: (type: string, name: string) => Record<string, unknown> | undefined;
  call?: (token: string, inputs: Record<string, unknown>) => Record<string, unknown>;
}): Promise<Recorder> {
  const recorder: Recorder = { resources: [], calls: [] };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: given, provider }) => {
        const inputs = given as Record<string, unknown>;
        const secretInputs: string[] = [];
        const plain = withoutMarks(inputs, '', secretInputs) as Record<string, unknown>;
        recorder.resources.push({
          type,
          name,
          inputs: plain,
          secretInputs: secretInputs.sort(),
          provider,
        } as Registered);
        const state = options.state?.(type, name);
        return { id: state === undefined ? undefined : `${name}-id`, state: { ...inputs, ...state } };
      },
      call: ({ token, inputs: given }) => {
        const inputs = given as Record<string, unknown>;
        recorder.calls.push({ token, inputs: withoutMarks(inputs, '', []) as Record<string, unknown> });
        return options.call?.(token, inputs) ?? {};
      },
    },
    options.project,
    options.stack,
    options.preview,
  );
  const monitor = settings.getMonitor() as unknown as Monitor;
  const original = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    original(request, (error, response) => {
      const entry = recorder.resources.find(
        (resource) => resource.type === request.getType() && resource.name === request.getName(),
      );
      if (entry !== undefined && response !== undefined) {
        Object.assign(entry, {
          secretOutputs: [...request.getAdditionalsecretoutputsList()].sort(),
          retainOnDelete: request.getRetainondelete(),
          protect: request.getProtect(),
          replaceOnChanges: request.getReplaceonchangesList(),
          ignoreChanges: request.getIgnorechangesList(),
          version: request.getVersion(),
          pluginDownloadUrl: request.getPlugindownloadurl(),
          parent: request.getParent(),
          dependencies: [...request.getDependenciesList()].sort(),
          inputDependencies: inputDependencies(request),
          aliases: [
            ...request.getAliasesList().map((alias) => aliasText(alias.getSpec())),
            ...request.getAliasurnsList(),
          ],
          urn: response.getUrn(),
        });
      }
      callback(error, response);
    });
  return recorder;
}

function inputDependencies(request: Request): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((value, key) => {
    if (value.getUrnsList().length > 0) found[key] = [...value.getUrnsList()].sort();
  });
  return found;
}

function aliasText(spec: { getType(): string; getName(): string } | undefined): string {
  const type = spec?.getType() ?? '';
  return type === '' ? `name ${spec?.getName()}` : `type ${type}`;
}

const secretMark = '4dabf18193072939515e22adb298388d';

/** The value without the engine's secret markers; adds the path of each marker to `secrets`. */
function withoutMarks(value: unknown, path: string, secrets: string[]): unknown {
  if (typeof value !== 'object' || value === null || pulumi.isUnknown(value)) return value;
  if (Array.isArray(value)) return value.map((element, index) => withoutMarks(element, `${path}[${index}]`, secrets));
  if (secretMark in value) {
    secrets.push(path);
    return (value as unknown as { value: unknown }).value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [key, withoutMarks(element, path ? `${path}.${key}` : key, secrets)]),
  );
}

/** Waits until the engine has responded to every registration. */
export async function settled(): Promise<void> {
  await (settings as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
}
