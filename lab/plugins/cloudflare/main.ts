import { version } from '@pulumi/cloudflare/package.json';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import type { IResourceProviderServer } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { plain, same, type Properties } from '../provider/properties';
import { engineLog } from '../provider/engineLog';
import { serve } from '../provider/serve';
import { answer, diffResponse, fromStruct, toStruct } from '../provider/wire';
import { CloudflareStandIn } from './standIn';

/** The plugin version that the engine displays: the version of the SDK, labelled as a stand-in. */
export const label = `${version}+lab-stand-in`;

/** The gRPC service of the stand-in. Methods that the lab does not need return UNIMPLEMENTED. */
export function providerServer(standIn: CloudflareStandIn): Partial<IResourceProviderServer> {
  return {
    getPluginInfo(_call, callback) {
      callback(null, new PluginInfo().setVersion(label));
    },
    getSchema(_call, callback) {
      const schema = { name: 'cloudflare', version, description: 'lab stand-in: only what the program uses' };
      callback(null, new messages.GetSchemaResponse().setSchema(JSON.stringify(schema)));
    },
    attach(call, callback) {
      standIn.log = engineLog(call.request.getAddress(), 'lab stand-in for the Cloudflare provider');
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
        // A new token does not change the identity of the provider: nothing is replaced.
        const changed = keys.filter((key) => key !== 'version' && !same(olds?.[key], news?.[key])).sort();
        return diffResponse(
          changed.map((key) => [key]),
          [],
        );
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
      answer(callback, () => {
        const [state, news] = [request.getOlds(), request.getNews()].map(fromStruct);
        const { changed, replaces } = standIn.diff(request.getUrn(), state ?? {}, news ?? {});
        return diffResponse(
          changed.map((key) => [key]),
          replaces.map((key) => [key]),
        );
      });
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

/** Runs the plugin with the command-line arguments that the engine passes. */
export function main(args: readonly string[]): void {
  const standIn = new CloudflareStandIn();
  serve(args, { provider: 'Cloudflare', version, standIn, server: providerServer(standIn) });
}
