"""Writes src/ops/schema/schemas.ts and runtime_schemas.ts: the history of ONNX's own operators, from the onnx package's
schemas, and the operators of com.microsoft, from ONNX Runtime's. One line per operator, its versions after " | ". Run with
the newest onnx and onnxruntime: python test/golden/schemas.py"""
import pathlib

import onnx
import onnxruntime
from onnx import TensorProto, defs

kinds = dict(FLOAT="f", INT="i", STRING="s", TENSOR="t", GRAPH="g", FLOATS="F", INTS="I", STRINGS="S", TENSORS="T",
             GRAPHS="G", SPARSE_TENSOR="p", SPARSE_TENSORS="P", TYPE_PROTO="y", TYPE_PROTOS="Y")
marks = dict(Single="", Optional="?", Variadic="*")
codes = {f"tensor({name.lower()})": code for name, code in TensorProto.DataType.items()} | {
    "tensor(float)": 1, "tensor(double)": 11}
other = 31  # sequences, optionals, maps, sparse tensors

# Outputs whose element type an attribute states: after "=" what holds where it is absent, a code or a type variable.
stated = dict(
    Bernoulli="dtype=T1", BitCast="to", BlackmanWindow="output_datatype=1", Cast="to", ConstantOfShape="value=1",
    EyeLike="dtype=T1", HammingWindow="output_datatype=1", HannWindow="output_datatype=1",
    MelWeightMatrix="output_datatype=1", Multinomial="dtype=6", QuantizeLinear="output_dtype=2",
    RandomNormal="dtype=1", RandomNormalLike="dtype=T1", RandomUniform="dtype=1", RandomUniformLike="dtype=T1",
    DequantizeLinear="output_dtype=T2")

# Operators of ONNX Runtime's own in ONNX's domain.
strays = ["SimplifiedLayerNormalization"]


def mask(types):
    return f"{sum(1 << code for code in {codes.get(name, other) for name in types}):x}"


def ports(schema, which):
    """The ports in text, and the bits of their type variables. onnx and onnxruntime name the same things differently."""
    texts, variables = [], {}
    listed = list(getattr(schema, which))
    for index, port in enumerate(listed):
        type_name = getattr(port, "type_str", None) or port.typeStr
        variables[type_name] = mask(port.types)
        mark = marks[port.option.name]
        if mark == "*":
            alike = port.is_homogeneous if hasattr(port, "is_homogeneous") else port.isHomogeneous
            fewest = schema.min_input if which == "inputs" else schema.min_output
            mark = f"{'*' if alike else '**'}{getattr(port, 'min_arity', max(0, fewest - len(listed) + 1))}"
        text = f"{port.name.rstrip('.')}{mark}:{type_name}"
        key, _, absent = stated.get(schema.name, "").partition("=")
        if which == "outputs" and index == 0 and key in schema.attributes:
            text += f"@{key}={absent}"
        # Statistics of a normalization.
        if which == "outputs" and index > 0 and "stash_type" in schema.attributes:
            text += "@stash_type=1"
        texts.append(text)
    return texts, variables


def attribute(name, one):
    text = name + ":" + kinds[one.type.name] + ("!" if one.required else "")
    default = getattr(one, "default_value", None)
    value = onnx.helper.get_attribute_value(default) if default and default.name else None
    if value is None:
        return text
    if isinstance(value, float):
        value = f"{value:.7g}"
    if isinstance(value, (list, tuple)):
        value = ",".join(part.decode() if isinstance(part, bytes) else f"{part:.7g}" for part in value) or "[]"
    return f"{text}={value.decode() if isinstance(value, bytes) else value}"


def version(schema):
    inputs, types = ports(schema, "inputs")
    outputs, more = ports(schema, "outputs")
    types |= more
    attributes = [attribute(name, one) for name, one in sorted(schema.attributes.items())]
    sides = [" ".join(part) for part in (inputs, outputs, attributes)]
    named = " ".join(f"{name}={bits}" for name, bits in types.items())
    return f"{schema.since_version}{'!' if schema.deprecated else ''};" + ";".join([*sides, named])


def lines(schemas):
    operators = {}
    for schema in schemas:
        operators.setdefault(schema.name, []).append(schema)
    text = "\n".join(
        f"{name} | " + " | ".join(version(one) for one in sorted(versions, key=lambda one: one.since_version))
        for name, versions in sorted(operators.items()))
    assert "`" not in text and "\\" not in text and "${" not in text
    return text


here = pathlib.Path(__file__).parents[2] / "src/ops/schema"
own = lines(schema for schema in defs.get_all_schemas_with_history() if schema.domain == "")
(here / "schemas.ts").write_text(
    f"""// Written by test/golden/schemas.py from onnx {onnx.__version__}; src/ops/schema/schema.ts says how to read it.
export const newestOpset = {defs.onnx_opset_version()};

export const schemas = `
{own}
`;
""")
runtime = lines(schema for schema in onnxruntime.capi._pybind_state.get_all_operator_schema()
                if schema.domain == "com.microsoft" or schema.name in strays)
(here / "runtime_schemas.ts").write_text(
    f"""// Written by test/golden/schemas.py from onnxruntime {onnxruntime.__version__}; src/ops/schema/schema.ts says how to read it.
export const runtimeSchemas = `
{runtime}
`;
""")
