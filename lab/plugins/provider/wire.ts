import * as grpc from '@grpc/grpc-js';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Struct, type JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb';
import type { Properties } from './properties';

/** A property bag as it came over the wire; an absent one is empty. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** A property bag for the wire, where undefined entries have no form. */
export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}

/** Answers one call: the result of `work`, or its error with the message alone. */
export function answer<T>(callback: grpc.sendUnaryData<T>, work: () => T | Promise<T>): void {
  Promise.resolve()
    .then(work)
    .then(
      (result) => callback(null, result),
      (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
    );
}

/** Where in an object: map keys from the top. */
export type Path = string[];

/** A path as the engine writes it: keys that are not plain words stand in brackets. */
export function showPath(path: Path): string {
  return path
    .map((key) => (/^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
    .join('')
    .replace(/^\./, '');
}

/** What differs, and which of it replaces the resource. */
export function diffResponse(diffs: Path[], replaces: Path[]): messages.DiffResponse {
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
