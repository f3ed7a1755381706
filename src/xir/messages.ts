// The messages of an .xmodel file with the field numbers of XIR's graph_proto_v2.proto (Vitis AI 3.5): the file is one
// serialized Graph. Values that vai_q_pytorch never writes (unsigned and 64-bit numbers, maps) are not declared.
import protobuf from "protobufjs";

const text = `
syntax = "proto3";
package serial_v2;

message Graph {
  string graph_name = 1;
  repeated OPNode op_node = 5;
  SubGraph subg_root = 10;
  map<string, AttrValue> graph_attr = 11;
}
message OPNode {
  string op_name = 1;
  string op_type = 2;
  map<string, AttrValue> op_attr = 3;
  repeated OpArg args = 4;
  Tensor output_tensor = 5;
}
message OpArg {
  string arg_name = 1;
  repeated string arg_ops = 2;
}
message Tensor {
  string tensor_name = 1;
  repeated uint32 tensor_dim = 2;
  int32 data_type = 5;
  int32 tensor_bit_width = 6;
}
message SubGraph {
  string subgraph_name = 1;
  repeated string op_name = 3;
}
message AttrValue {
  oneof value {
    bool bool_value = 4;
    int32 int32_value = 5;
    float float_value = 9;
    double double_value = 10;
    string string_value = 11;
    Bytes bytes_value = 12;
    Int32Vec int32_vec_value = 14;
    FloatVec float_vec_value = 18;
    StringVec string_vec_value = 20;
  }
}
message Bytes { bytes value = 1; }
message Int32Vec { repeated int32 value = 1; }
message FloatVec { repeated float value = 1; }
message StringVec { repeated string value = 1; }
`;

/** Exactly one field of an AttrValue is set, even if it is 0, false or empty. */
export type AttrValue = {
  boolValue?: boolean;
  int32Value?: number;
  floatValue?: number;
  doubleValue?: number;
  stringValue?: string;
  bytesValue?: { value?: Uint8Array };
  int32VecValue?: { value?: number[] };
  floatVecValue?: { value?: number[] };
  stringVecValue?: { value?: string[] };
};
export type OpArgMessage = { argName?: string; argOps?: string[] };
export type OpMessage = {
  opName?: string;
  opType?: string;
  opAttr?: Record<string, AttrValue>;
  args?: OpArgMessage[];
  outputTensor?: { tensorName?: string; tensorDim?: number[]; dataType?: number; tensorBitWidth?: number };
};
export type GraphMessage = {
  graphName?: string;
  opNode?: OpMessage[];
  subgRoot?: { subgraphName?: string; opName?: string[] };
  graphAttr?: Record<string, AttrValue>;
};

/** Of Tensor.data_type. */
export const floatType = 4;

export const graphType: protobuf.Type = protobuf.parse(text).root.lookupType("serial_v2.Graph");
