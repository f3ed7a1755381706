// ONNX's messages with the field numbers of IR 14 (onnx.proto3, github.com/onnx/onnx). A nested message is
// declared `bytes`, which is the same on the wire: it is opened only where halftone reads it, and everything
// else passes through as it came. Fields that are not declared at all are kept too, in `$unknowns`.
import protobuf from "protobufjs";

const text = `
syntax = "proto3";
package onnx;

message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional bytes producer_version = 3;
  optional bytes domain = 4;
  optional int64 model_version = 5;
  optional bytes doc_string = 6;
  repeated bytes graph = 7;              // GraphProto; repeated, so that a second one is noticed
  repeated bytes opset_import = 8;       // OperatorSetIdProto
  repeated bytes metadata_props = 14;    // StringStringEntryProto
  repeated bytes training_info = 20;     // TrainingInfoProto
  repeated bytes functions = 25;         // FunctionProto
  repeated bytes configuration = 26;     // DeviceConfigurationProto
}

message OperatorSetIdProto {
  optional string domain = 1;
  optional int64 version = 2;
}

message StringStringEntryProto {
  optional string key = 1;
  optional string value = 2;
}

message GraphProto {
  repeated bytes node = 1;               // NodeProto
  optional string name = 2;
  repeated bytes initializer = 5;        // TensorProto
  optional bytes doc_string = 10;
  repeated bytes input = 11;             // ValueInfoProto
  repeated bytes output = 12;            // ValueInfoProto
  repeated bytes value_info = 13;        // ValueInfoProto
  repeated bytes quantization_annotation = 14;
  repeated bytes sparse_initializer = 15; // SparseTensorProto
  repeated bytes metadata_props = 16;
}

message FunctionProto {
  optional string name = 1;
  repeated string input = 4;
  repeated string output = 5;
  repeated string attribute = 6;
  repeated bytes node = 7;               // NodeProto
  optional bytes doc_string = 8;
  repeated bytes opset_import = 9;       // OperatorSetIdProto
  optional string domain = 10;
  repeated bytes attribute_proto = 11;   // AttributeProto
  repeated bytes value_info = 12;        // ValueInfoProto
  optional string overload = 13;
  repeated bytes metadata_props = 14;
}

message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated bytes attribute = 5;          // AttributeProto
  optional bytes doc_string = 6;
  optional string domain = 7;
  optional string overload = 8;
  repeated bytes metadata_props = 9;
  repeated bytes device_configurations = 10;
}

message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  optional bytes t = 5;                  // TensorProto
  optional bytes g = 6;                  // GraphProto
  repeated float floats = 7 [packed = false];
  repeated int64 ints = 8 [packed = false];
  repeated bytes strings = 9;
  repeated bytes tensors = 10;
  repeated bytes graphs = 11;
  optional bytes doc_string = 13;
  optional bytes tp = 14;
  repeated bytes type_protos = 15;
  optional int32 type = 20;
  optional string ref_attr_name = 21;
  optional bytes sparse_tensor = 22;
  repeated bytes sparse_tensors = 23;
}

message TensorProto {
  repeated int64 dims = 1 [packed = false];
  optional int32 data_type = 2;
  optional bytes segment = 3;
  repeated bytes float_data = 4;         // each a packed run of floats: read in place
  repeated bytes string_data = 6;
  optional string name = 8;
  optional bytes raw_data = 9;
  repeated bytes double_data = 10;       // each a packed run of doubles
  optional bytes doc_string = 12;
  repeated bytes external_data = 13;     // StringStringEntryProto
  optional int32 data_location = 14;
  repeated bytes metadata_props = 16;
}

// The typed elements of a TensorProto, for the encodings that cannot be read in place.
message TensorElements {
  repeated float float_data = 4;
  repeated int32 int32_data = 5;
  repeated int64 int64_data = 7;
  repeated double double_data = 10;
  repeated uint64 uint64_data = 11;
}

message SparseTensorProto {
  optional bytes values = 1;             // TensorProto
  optional bytes indices = 2;            // TensorProto
  repeated int64 dims = 3 [packed = false];
}

message ValueInfoProto {
  optional string name = 1;
  optional bytes type = 2;               // TypeProto
  optional bytes doc_string = 3;
  repeated bytes metadata_props = 4;
}

message TypeProto {
  optional bytes tensor_type = 1;        // TensorTypeProto; the other kinds pass through
}

message TensorTypeProto {
  optional int32 elem_type = 1;
  optional bytes shape = 2;              // TensorShapeProto
}

message TensorShapeProto {
  repeated bytes dim = 1;                // Dimension
}

message Dimension {
  optional int64 dim_value = 1;
  optional string dim_param = 2;
}
`;

/** A 64-bit integer as protobufjs holds it. */
export type Int64 = { readonly low: number; readonly high: number; readonly unsigned: boolean };
type Bytes = Uint8Array;
/** Every field may be absent; `$unknowns` holds the undeclared ones, tag included. */
type Message<Fields> = Partial<Fields> & { $unknowns?: Bytes[] };

export type Messages = {
  ModelProto: Message<
    & { irVersion: Int64; producerName: string }
    & Record<"graph" | "opsetImport" | "functions", Bytes[]>
  >;
  OperatorSetIdProto: Message<{ domain: string; version: Int64 }>;
  StringStringEntryProto: Message<{ key: string; value: string }>;
  GraphProto: Message<
    & { name: string }
    & Record<"node" | "initializer" | "input" | "output" | "valueInfo" | "sparseInitializer", Bytes[]>
  >;
  FunctionProto: Message<
    & Record<"name" | "domain" | "overload", string>
    & Record<"input" | "output" | "attribute", string[]>
    & Record<"node" | "opsetImport" | "attributeProto" | "valueInfo", Bytes[]>
  >;
  NodeProto: Message<
    & Record<"name" | "opType" | "domain" | "overload", string>
    & { input: string[]; output: string[]; attribute: Bytes[] }
  >;
  AttributeProto: Message<
    & { name: string; f: number; i: Int64; s: Bytes; t: Bytes; g: Bytes; tp: Bytes; sparseTensor: Bytes }
    & {
      floats: number[];
      ints: Int64[];
      strings: Bytes[];
      type: number;
      refAttrName: string;
      docString: Bytes;
    }
  >;
  TensorProto: Message<
    & { dims: Int64[]; dataType: number; segment: Bytes; name: string; rawData: Bytes; dataLocation: number }
    & { floatData: Bytes[]; doubleData: Bytes[]; stringData: Bytes[]; externalData: Bytes[] }
    & { docString: Bytes; metadataProps: Bytes[] }
  >;
  TensorElements: Message<
    & { floatData: number[]; int32Data: number[]; doubleData: number[] }
    & { int64Data: Int64[]; uint64Data: Int64[] }
  >;
  SparseTensorProto: Message<{ values: Bytes; indices: Bytes; dims: Int64[] }>;
  ValueInfoProto: Message<{ name: string; type: Bytes }>;
  TypeProto: Message<{ tensorType: Bytes }>;
  TensorTypeProto: Message<{ elemType: number; shape: Bytes }>;
  TensorShapeProto: Message<{ dim: Bytes[] }>;
  Dimension: Message<{ dimValue: Int64; dimParam: string }>;
};

const root = protobuf.parse(text).root;

export function typeOf(name: keyof Messages): protobuf.Type {
  return root.lookupType(`onnx.${name}`);
}

/** Field numbers of nested messages and weights, for writing them without a copy. */
export const fields = {
  model: { graph: 7 },
  graph: { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 },
  function: { node: 7, attributeProto: 11 },
  node: { attribute: 5 },
  attribute: { t: 5, g: 6 },
  tensor: { rawData: 9 },
} as const;
