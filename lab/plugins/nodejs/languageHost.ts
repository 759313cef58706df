import * as grpc from '@grpc/grpc-js';
import { LanguageRuntimeService, type ILanguageRuntimeServer } from '@pulumi/pulumi/proto/language_grpc_pb';
import * as messages from '@pulumi/pulumi/proto/language_pb';
import { PackageDependency, PluginDependency, PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { version as sdkVersion } from '@pulumi/pulumi/version';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { findRequiredPackages, type RequiredPackage } from './requiredPackages';
import { runningPrograms, runProgram } from './runProgram';

/** How this host names itself wherever the engine shows it. */
export const label = `${sdkVersion}+lab-stand-in`;

/** Fills in what the engine is told of a package, in its older message and its newer one. */
function named<T extends PluginDependency | PackageDependency>(dependency: T, required: RequiredPackage): T {
  dependency.setName(required.name);
  dependency.setKind('resource');
  dependency.setVersion(required.version);
  dependency.setServer(required.server);
  return dependency;
}

/** The calls that the engine makes of a language host for a TypeScript program; the rest answers Unimplemented. */
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
        response.addPlugins(named(new PluginDependency(), required));
      }
      callback(null, response);
    },
    getRequiredPackages(call, callback) {
      const response = new messages.GetRequiredPackagesResponse();
      for (const required of findRequiredPackages(call.request.getInfo()?.getProgramDirectory() ?? process.cwd())) {
        response.addPackages(named(new PackageDependency(), required));
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
      // In the lab dependencies are the checkout's, put there by `npm ci`.
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

/** Serves on a free loopback port, printed on stdout as the engine expects; ends when the engine is gone. */
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
  const end = (): void => {
    for (const child of runningPrograms) child.kill('SIGKILL');
    process.exit(0);
  };
  process.on('SIGTERM', end);
  // A killed engine cannot say goodbye: its program must not go on without it.
  setInterval(() => process.ppid !== parent && end(), 1000).unref();
}
