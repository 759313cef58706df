import * as grpc from '@grpc/grpc-js';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Struct, type JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb';
import type { Properties } from './properties';

/** Decodes a property bag; an absent one is empty. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** Encodes a property bag, dropping undefined entries. */
export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}

/** Completes a call with the result of `work`, or with its error message as an UNKNOWN error. */
export function answer<T>(callback: grpc.sendUnaryData<T>, work: () => T | Promise<T>): void {
  Promise.resolve()
    .then(work)
    .then(
      (result) => callback(null, result),
      (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
    );
}

/** A path into an object: map keys from the root. */
export type Path = string[];

/** A path in the engine's notation: keys that are not plain identifiers are quoted in brackets. */
export function formatPath(path: Path): string {
  return path
    .map((key) => (/^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
    .join('')
    .replace(/^\./, '');
}

/** The response to a diff call: the changed paths, and those that require replacement. */
export function diffResponse(diffs: Path[], replaces: Path[]): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const response = new messages.DiffResponse().setChanges(diffs.length === 0 ? DIFF_NONE : DIFF_SOME);
  const topLevelKeys = (paths: Path[]): string[] => [...new Set(paths.map(([key]) => key ?? ''))];
  response.setDiffsList(topLevelKeys(diffs)).setReplacesList(topLevelKeys(replaces));
  const { UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  const replacing = new Set(replaces.map(formatPath));
  for (const path of diffs.map(formatPath)) {
    const kind = replacing.has(path) ? UPDATE_REPLACE : UPDATE;
    response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(kind));
  }
  return response.setHasdetaileddiff(diffs.length > 0);
}
