import { createRequire } from 'node:module';
import type { temporal } from '@temporalio/proto';
import type { HistoryJson } from './saved-history.ts';

type History = temporal.api.history.v1.IHistory;

interface Reflection {
  patchProtobufRoot(root: unknown): { lookupType(name: string): unknown };
}

interface ProtoJson {
  toJson(type: unknown, message: History): HistoryJson;
  fromJson(type: unknown, json: HistoryJson, options: { ignoreUnknownFields: boolean }): History;
}

// What `historyToJSON` and `historyFromJSON` of @temporalio/common do. Those throw "type must be a Type" where npm has
// installed a copy of protobufjs for each Temporal package, as here (@grpc/proto-loader takes the top level for version
// 7): they know types of their own copy only. So the copy is taken that the types are made of.
const protoPackage = createRequire(createRequire(import.meta.url).resolve('@temporalio/proto'));
const protojson = protoPackage('protobufjs/ext/protojson') as ProtoJson;
const { patchProtobufRoot } = protoPackage('@temporalio/proto/lib/patch-protobuf-root') as Reflection;
const HISTORY = patchProtobufRoot(protoPackage('@temporalio/proto')).lookupType('temporal.api.history.v1.History');

/** The JSON form that the Web UI and `temporal workflow show --output json` give, too. */
export const historyToJson = (history: History): HistoryJson => protojson.toJson(HISTORY, history);

/** The form that a replay takes. A history of a newer server may have fields that this one does not know. */
export const historyFromJson = (json: HistoryJson): History =>
  protojson.fromJson(HISTORY, json, { ignoreUnknownFields: true });
