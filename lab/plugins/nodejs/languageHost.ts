import * as grpc from '@grpc/grpc-js';
import { LanguageRuntimeService, type ILanguageRuntimeServer } from '@pulumi/pulumi/proto/language_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/language_pb';
import { PackageDependency, PluginDependency, PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { version as sdkVersion } from '@pulumi/pulumi/version';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { findRequiredPackages, type RequiredPackage } from './requiredPackages';
import { runningPrograms, runProgram } from './runProgram';

/** The version that the engine displays. */
export const label = `${sdkVersion}+lab-stand-in`;

/** Fills in a dependency message, of the engine's older or newer type. */
function describePackage<T extends PluginDependency | PackageDependency>(dependency: T, required: RequiredPackage): T {
  dependency.setName(required.name);
  dependency.setKind('resource');
  dependency.setVersion(required.version);
  dependency.setServer(required.server);
  return dependency;
}

/**
 * The gRPC service of a language host for TypeScript programs. Methods that the lab does not need return UNIMPLEMENTED.
 */
export function languageServer(engineFromArguments: string): Partial<ILanguageRuntimeServer> {
  let engine = engineFromArguments;
  return {
    handshake(call, callback) {
      engine = call.request.getEngineAddress() || engine;
      callback(null, new messages.LanguageHandshakeResponse());
    },
    getPluginInfo(_call, callback) {
      const info = new PluginInfo();
      info.setVersion(label);
      callback(null, info);
    },
    getRequiredPlugins(call, callback) {
      const response = new messages.GetRequiredPluginsResponse();
      const dir = call.request.getInfo()?.getProgramDirectory() ?? call.request.getPwd();
      for (const required of findRequiredPackages(dir)) {
        response.addPlugins(describePackage(new PluginDependency(), required));
      }
      callback(null, response);
    },
    getRequiredPackages(call, callback) {
      const response = new messages.GetRequiredPackagesResponse();
      for (const required of findRequiredPackages(call.request.getInfo()?.getProgramDirectory() ?? process.cwd())) {
        response.addPackages(describePackage(new PackageDependency(), required));
      }
      callback(null, response);
    },
    run(call, callback) {
      const { request } = call;
      const info = request.getInfo();
      const options = info?.getOptions()?.toJavaScript() ?? {};
      const nodeArgs = typeof options.nodeargs === 'string' ? options.nodeargs.split(/\s+/).filter(Boolean) : [];
      runProgram(
        {
          programDir: info?.getProgramDirectory() ?? request.getPwd(),
          rootDir: info?.getRootDirectory() ?? request.getPwd(),
          entryPoint: info?.getEntryPoint() ?? request.getProgram(),
          project: request.getProject(),
          stack: request.getStack(),
          organization: request.getOrganization(),
          parallel: request.getParallel(),
          dryRun: request.getDryrun(),
          monitor: request.getMonitorAddress(),
          engine,
          config: Object.fromEntries(request.getConfigMap().toArray()),
          configSecretKeys: request.getConfigsecretkeysList(),
          nodeArgs,
          ...(typeof options.tsconfig === 'string' ? { tsconfig: options.tsconfig } : {}),
        },
        (line, stream) => process[stream].write(`${line}\n`),
      ).then(
        ({ error, bail }) => {
          const response = new messages.RunResponse();
          response.setError(error);
          response.setBail(bail);
          callback(null, response);
        },
        (error: Error) => callback({ code: grpc.status.INTERNAL, details: error.message }),
      );
    },
    installDependencies(call) {
      // In the lab the program uses the checkout's dependencies, installed by `npm ci`.
      const response = new messages.InstallDependenciesResponse();
      response.setStdout(Buffer.from('lab stand-in language host: dependencies come from `npm ci`\n'));
      call.write(response);
      call.end();
    },
    about(_call, callback) {
      const response = new messages.AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      response.getMetadataMap().set('languageHost', 'lab stand-in');
      callback(null, response);
    },
    getProgramDependencies(_call, callback) {
      callback(null, new messages.GetProgramDependenciesResponse());
    },
    cancel(_call, callback) {
      for (const child of runningPrograms) child.kill('SIGTERM');
      callback(null, new Empty());
    },
  };
}

/** Serves on a free loopback port and prints it to stdout, as the engine expects. Exits when the engine exits. */
export function main(args: readonly string[]): void {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 });
  server.addService(LanguageRuntimeService, languageServer(args.at(-1) ?? '') as ILanguageRuntimeServer);
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`lab stand-in language host: cannot listen: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  const parent = process.ppid;
  const exit = (): void => {
    for (const child of runningPrograms) child.kill('SIGKILL');
    process.exit(0);
  };
  process.on('SIGTERM', exit);
  // An engine that was killed does not stop the program, so the host has to.
  setInterval(() => process.ppid !== parent && exit(), 1000).unref();
}
