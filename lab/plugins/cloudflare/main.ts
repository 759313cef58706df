import * as grpc from '@grpc/grpc-js';
import { version } from '@pulumi/cloudflare/package.json';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { ResourceProviderService, type IResourceProviderServer } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct, type JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb';
import { plain, same, type Properties } from '../kubernetes/properties';
import { engineLog } from './engineLog';
import { CloudflareStandIn } from './standIn';

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
export function providerServer(standIn: CloudflareStandIn): Partial<IResourceProviderServer> {
  return {
    getPluginInfo(_call, callback) {
      callback(null, new PluginInfo().setVersion(label));
    },
    getSchema(_call, callback) {
      const schema = { name: 'cloudflare', version, description: 'lab stand-in: what the program uses, no more' };
      callback(null, new messages.GetSchemaResponse().setSchema(JSON.stringify(schema)));
    },
    attach(call, callback) {
      standIn.log = engineLog(call.request.getAddress());
      callback(null, new Empty());
    },
    cancel(_call, callback) {
      standIn.cancel();
      callback(null, new Empty());
    },
    checkConfig(call, callback) {
      callback(null, new messages.CheckResponse().setInputs(call.request.getNews()));
    },
    diffConfig({ request }, callback) {
      answer(callback, () => {
        const [olds, news] = [request.getOlds(), request.getNews()].map(
          (struct) => plain(fromStruct(struct)) as Properties,
        );
        const keys = [...new Set([...Object.keys(olds ?? {}), ...Object.keys(news ?? {})])];
        // Another token is the same Cloudflare: nothing is replaced.
        const changed = keys.filter((key) => key !== 'version' && !same(olds?.[key], news?.[key])).sort();
        return diffResponse({ changed, replaces: [] });
      });
    },
    configure({ request }, callback) {
      answer(callback, () => {
        standIn.configure(Object.fromEntries(request.getVariablesMap().toArray()));
        return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
      });
    },
    check({ request }, callback) {
      answer(callback, () => {
        const { inputs, failures } = standIn.check(request.getUrn(), fromStruct(request.getNews()));
        const list = failures.map(({ property, reason }) =>
          new messages.CheckFailure().setProperty(property).setReason(reason),
        );
        return new messages.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(list);
      });
    },
    diff({ request }, callback) {
      answer(callback, () =>
        diffResponse(standIn.diff(request.getUrn(), fromStruct(request.getOlds()), fromStruct(request.getNews()))),
      );
    },
    create({ request }, callback) {
      answer(callback, async () => {
        const { id, state } = await standIn.create(
          request.getUrn(),
          fromStruct(request.getProperties()),
          request.getPreview(),
        );
        return new messages.CreateResponse().setId(id).setProperties(toStruct(state));
      });
    },
    read({ request }, callback) {
      answer(callback, async () => {
        const [state, oldInputs] = [request.getProperties(), request.getInputs()].map(fromStruct);
        const result = await standIn.read(request.getUrn(), request.getId(), state ?? {}, oldInputs ?? {});
        const response = new messages.ReadResponse().setId(result.id);
        return result.id === ''
          ? response
          : response.setProperties(toStruct(result.state)).setInputs(toStruct(result.inputs));
      });
    },
    update({ request }, callback) {
      answer(callback, async () => {
        const [state, news] = [request.getOlds(), request.getNews()].map(fromStruct);
        const updated = await standIn.update(
          request.getUrn(),
          request.getId(),
          state ?? {},
          news ?? {},
          request.getPreview(),
        );
        return new messages.UpdateResponse().setProperties(toStruct(updated));
      });
    },
    delete({ request }, callback) {
      answer(callback, async () => {
        await standIn.delete(request.getUrn(), request.getId(), fromStruct(request.getProperties()));
        return new Empty();
      });
    },
    invoke({ request }, callback) {
      answer(callback, async () => {
        const result = await standIn.invoke(request.getTok(), fromStruct(request.getArgs()));
        return new messages.InvokeResponse().setReturn(toStruct(result));
      });
    },
  };
}

function diffResponse({ changed, replaces }: { changed: string[]; replaces: string[] }): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const response = new messages.DiffResponse().setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList(changed).setReplacesList(replaces);
  const { UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  for (const name of changed) {
    const kind = replaces.includes(name) ? UPDATE_REPLACE : UPDATE;
    response.getDetaileddiffMap().set(name, new messages.PropertyDiff().setKind(kind));
  }
  return response.setHasdetaileddiff(changed.length > 0);
}

/** Serves on a free loopback port, printed on stdout as the engine expects; ends when the engine is gone. */
export function main(args: readonly string[]): void {
  const standIn = new CloudflareStandIn();
  standIn.log = engineLog(args.at(-1) ?? '');
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 });
  server.addService(ResourceProviderService, providerServer(standIn) as IResourceProviderServer);
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`lab stand-in for the Cloudflare provider: cannot listen: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  process.stderr.write(`lab stand-in for the Cloudflare provider ${version}\n`);
  const parent = process.ppid;
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => process.ppid !== parent && process.exit(0), 1000).unref();
}
