import * as grpc from '@grpc/grpc-js';
import { version } from '@pulumi/kubernetes/package.json';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { ResourceProviderService, type IResourceProviderServer } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct, type JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb';
import { engineLog } from './engineLog';
import { showPath, type Path } from './objects';
import type { Properties } from './properties';
import { diffConfig } from './providerConfig';
import { KubernetesStandIn } from './standIn';

/** How this plugin names itself wherever the engine shows it: the version of the SDK it stands in for, and what it is. */
export const label = `${version}+lab-stand-in`;

const fromStruct = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};
const toStruct = (properties: Properties): Struct =>
  // Undefined entries have no form on the wire.
  Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);

/** Answers one call: the result of `work`, or its error with the message alone. */
function answer<T>(callback: grpc.sendUnaryData<T>, work: () => T | Promise<T>): void {
  Promise.resolve()
    .then(work)
    .then(
      (result) => callback(null, result),
      (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
    );
}

/** The gRPC face of the stand-in: the calls that the engine makes of a resource provider; the rest answers Unimplemented. */
export function providerServer(standIn: KubernetesStandIn): Partial<IResourceProviderServer> {
  return {
    getPluginInfo(_call, callback) {
      callback(null, new PluginInfo().setVersion(label));
    },
    getSchema(_call, callback) {
      const schema = { name: 'kubernetes', version, description: 'lab stand-in: Namespace, Secret and ConfigMap only' };
      callback(null, new messages.GetSchemaResponse().setSchema(JSON.stringify(schema)));
    },
    attach(call, callback) {
      standIn.log = engineLog(call.request.getAddress());
      callback(null, new Empty());
    },
    cancel(_call, callback) {
      callback(null, new Empty());
    },
    checkConfig(call, callback) {
      callback(null, new messages.CheckResponse().setInputs(call.request.getNews()));
    },
    diffConfig({ request }, callback) {
      answer(callback, () => {
        const { diffs, replaces } = diffConfig(fromStruct(request.getOlds()), fromStruct(request.getNews()));
        return diffResponse(
          diffs.map((key) => [key]),
          replaces.map((key) => [key]),
        );
      });
    },
    configure({ request }, callback) {
      answer(callback, async () => {
        await standIn.configure(Object.fromEntries(request.getVariablesMap().toArray()));
        return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
      });
    },
    check({ request }, callback) {
      answer(callback, () => {
        const seed = request.getRandomseed_asU8();
        const inputs = standIn.check(request.getUrn(), fromStruct(request.getOlds()), fromStruct(request.getNews()), seed);
        return new messages.CheckResponse().setInputs(toStruct(inputs));
      });
    },
    diff({ request }, callback) {
      answer(callback, () => {
        const [state, oldInputs, news] = [request.getOlds(), request.getOldInputs(), request.getNews()].map(fromStruct);
        const result = standIn.diff(request.getUrn(), state ?? {}, oldInputs ?? {}, news ?? {});
        return diffResponse(result.changed, result.replaces).setDeletebeforereplace(result.deleteBeforeReplace);
      });
    },
    create({ request }, callback) {
      answer(callback, async () => {
        const { id, state } = await standIn.create(request.getUrn(), fromStruct(request.getProperties()), request.getPreview());
        return new messages.CreateResponse().setId(id).setProperties(toStruct(state));
      });
    },
    read({ request }, callback) {
      answer(callback, async () => {
        const [state, oldInputs] = [request.getProperties(), request.getInputs()].map(fromStruct);
        const result = await standIn.read(request.getUrn(), request.getId(), state ?? {}, oldInputs ?? {});
        const response = new messages.ReadResponse().setId(result.id);
        return result.id === '' ? response : response.setProperties(toStruct(result.state)).setInputs(toStruct(result.inputs));
      });
    },
    update({ request }, callback) {
      answer(callback, async () => {
        const [state, news] = [request.getOlds(), request.getNews()].map(fromStruct);
        const updated = await standIn.update(request.getUrn(), state ?? {}, news ?? {}, request.getPreview());
        return new messages.UpdateResponse().setProperties(toStruct(updated));
      });
    },
    delete({ request }, callback) {
      answer(callback, async () => {
        await standIn.delete(request.getUrn(), request.getId(), request.getTimeout());
        return new Empty();
      });
    },
    invoke({ request }, callback) {
      answer(callback, () => {
        throw new Error(`this is the lab's stand-in for the Kubernetes provider, which has no function ${request.getTok()}`);
      });
    },
  };
}

function diffResponse(diffs: Path[], replaces: Path[]): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const response = new messages.DiffResponse().setChanges(diffs.length === 0 ? DIFF_NONE : DIFF_SOME);
  const top = (paths: Path[]): string[] => [...new Set(paths.map(([key]) => key ?? ''))];
  response.setDiffsList(top(diffs)).setReplacesList(top(replaces));
  const { UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  const replacing = new Set(replaces.map(showPath));
  for (const path of diffs.map(showPath)) {
    const kind = replacing.has(path) ? UPDATE_REPLACE : UPDATE;
    response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(kind));
  }
  return response.setHasdetaileddiff(diffs.length > 0);
}

/** Serves on a free loopback port, printed on stdout as the engine expects; ends when the engine is gone. */
export function main(args: readonly string[]): void {
  const standIn = new KubernetesStandIn();
  standIn.log = engineLog(args.at(-1) ?? '');
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 });
  server.addService(ResourceProviderService, providerServer(standIn) as IResourceProviderServer);
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`lab stand-in for the Kubernetes provider: cannot listen: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  process.stderr.write(`lab stand-in for the Kubernetes provider ${version}\n`);
  const parent = process.ppid;
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => process.ppid !== parent && process.exit(0), 1000).unref();
}
