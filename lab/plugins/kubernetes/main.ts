import { version } from '@pulumi/kubernetes/package.json';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import type { IResourceProviderServer } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { engineLog } from '../provider/engineLog';
import { serve } from '../provider/serve';
import { answer, diffResponse, fromStruct, toStruct } from '../provider/wire';
import { diffConfig } from './providerConfig';
import { KubernetesStandIn } from './standIn';

/** The plugin version that the engine displays: the version of the SDK, labelled as a stand-in. */
export const label = `${version}+lab-stand-in`;

/** The gRPC service of the stand-in. Methods that the lab does not need return UNIMPLEMENTED. */
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
      standIn.log = engineLog(call.request.getAddress(), 'lab stand-in for the Kubernetes provider');
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
        const inputs = standIn.check(
          request.getUrn(),
          fromStruct(request.getOlds()),
          fromStruct(request.getNews()),
          seed,
        );
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
        throw new Error(
          `the lab's stand-in for the Kubernetes provider does not support the function ${request.getTok()}`,
        );
      });
    },
  };
}

/** Runs the plugin with the command-line arguments that the engine passes. */
export function main(args: readonly string[]): void {
  const standIn = new KubernetesStandIn();
  serve(args, { provider: 'Kubernetes', version, standIn, server: providerServer(standIn) });
}
