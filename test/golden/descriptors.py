"""Writes descriptors.json: what NVIDIA's pytorch-quantization answers for descriptors, quantizers and calibrators. It is
run itself, from its sources (tools/pytorch-quantization of github.com/NVIDIA/TensorRT), on torch's CPU build; only its
CUDA extension is left out, which these calls do not need. Run:
python test/golden/descriptors.py PATH/tools/pytorch-quantization"""
import json
import pathlib
import sys
import types

sys.path.insert(0, sys.argv[1])
sys.modules["pytorch_quantization.cuda_ext"] = types.ModuleType("cuda_ext")
sys.modules["pytorch_quantization.version"] = types.ModuleType("version")
sys.modules["pytorch_quantization.version"].__version__ = "2.2.1"

import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.Tensor.cuda = lambda self, *_, **__: self

from pytorch_quantization.calib import calibrate_weights  # noqa: E402
from pytorch_quantization import nn as quant_nn  # noqa: E402
from pytorch_quantization.nn.modules.tensor_quantizer import TensorQuantizer  # noqa: E402
from pytorch_quantization.tensor_quant import QuantDescriptor  # noqa: E402


def spread(count, seed):
    """Evenly spread numbers in [-1, 1), by a product modulo 2^32; the test makes the same ones."""
    i = np.arange(count, dtype=np.uint64) + np.uint64(seed)
    return (i * np.uint64(2654435761) % np.uint64(2**32)).astype(np.float64) / 2**31 - 1


shapes = {
    "uniform": lambda u: u,
    "heavy": lambda u: u / (1.02 - np.abs(u)),
    "positive": lambda u: np.maximum(u * u * u, 0),
}


def data(shape, seed, kind="uniform", factor=1.0):
    values = shapes[kind](spread(int(np.prod(shape)), seed)) * factor
    return torch.tensor(values.astype(np.float32).reshape(shape))


names = {
    "num_bits": "bits",
    "fake_quant": "fakeQuant",
    "narrow_range": "narrowRange",
    "scale_amax": "scaleAmax",
    "learn_amax": "learnAmax",
    "calib_method": "calibMethod",
}


def renamed(options):
    return {names.get(key, key): value for key, value in options.items()}


def flat(tensor):
    return None if tensor is None else np.atleast_1d(tensor.numpy()).flatten().tolist()


def forward(shape, kind="uniform", **options):
    quantizer = TensorQuantizer(QuantDescriptor(**options))
    x = data(shape, 1, kind)
    y = quantizer(x).detach()
    scale = flat(quantizer.scale) if not options.get("fake_quant", True) else None
    return dict(shape=shape, kind=kind, descriptor=renamed(options), result=flat(y), scale=scale,
                stepSize=flat(quantizer.step_size), maxBound=quantizer.maxbound)


def walk_through():
    quantizer = TensorQuantizer(QuantDescriptor(num_bits=4, fake_quant=False, axis=(0), unsigned=True))
    torch.manual_seed(12345)
    x = torch.rand(3, 4, 2)
    return dict(x=flat(x), codes=flat(quantizer(x)), scale=flat(quantizer.scale))


def maxima(shape, **options):
    quantizer = TensorQuantizer(QuantDescriptor(**options), if_calib=True, if_quant=False)
    for batch in range(3):
        quantizer(data(shape, 100 * batch, "heavy", 1 + batch % 2))
    quantizer.load_calib_amax()
    return dict(shape=shape, descriptor=renamed(options), amax=flat(quantizer.amax))


def histogram(kind, **options):
    quantizer = TensorQuantizer(QuantDescriptor(calib_method="histogram", **options), if_calib=True, if_quant=False)
    for batch in range(3):
        quantizer(data([20000], 20000 * batch, kind, 1 + batch / 4))
    found = {}
    for method in ["entropy", "mse"]:
        quantizer.load_calib_amax(method)
        found[method] = flat(quantizer.amax)[0]
    for percentile in [90, 99, 99.9, 99.99]:
        quantizer.load_calib_amax("percentile", percentile=percentile)
        found[str(percentile)] = flat(quantizer.amax)[0]
    edges = quantizer._calibrator._calib_bin_edges
    return dict(kind=kind, descriptor=renamed(options), width=float(edges[1] - edges[0]), amax=found)


def network(method, **options):
    """Two convolutions and a linear layer of quantized modules, calibrated and run as in the walk-through."""
    histograms = QuantDescriptor(calib_method="histogram" if method else "max")
    layers = dict(
        conv1=quant_nn.QuantConv2d(3, 4, 3, padding=1, quant_desc_input=histograms),
        conv2=quant_nn.QuantConv2d(4, 5, 3, quant_desc_input=histograms),
        fc=quant_nn.QuantLinear(5, 3, quant_desc_input=histograms),
    )
    for seed, layer in enumerate(layers.values()):
        layer.weight.data = data(layer.weight.shape, 100 * seed, factor=0.4)
        layer.bias.data = data(layer.bias.shape, 100 * seed + 50, factor=0.1)
    relu, pool = torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1)
    model = torch.nn.Sequential(layers["conv1"], relu, layers["conv2"], relu, pool, torch.nn.Flatten(), layers["fc"])
    quantizers = {f"{name}.{tensor}": getattr(layer, f"_{tensor}_quantizer")
                  for name, layer in layers.items() for tensor in ["input", "weight"]}
    for quantizer in quantizers.values():
        quantizer.disable_quant()
        quantizer.enable_calib()
    for batch in range(3):
        model(data([2, 3, 6, 6], 1000 * batch, factor=1 + batch / 4))
    for name, quantizer in quantizers.items():
        histogram = method and name.endswith("input")
        quantizer.load_calib_amax(*([method] if histogram else []), **(options if histogram else {}))
        quantizer.disable_calib()
        quantizer.enable_quant()
    with torch.no_grad():
        result = model(data([2, 3, 6, 6], 5000))
    return dict(method=method, options=options, amax={name: flat(one.amax) for name, one in quantizers.items()},
                stepSize={name: flat(one.step_size) for name, one in quantizers.items()}, result=flat(result))


def channels(shape, axis, method, **options):
    """calibrate_weights: a histogram per output channel."""
    layer = quant_nn.QuantConvTranspose1d(shape[0], shape[1], shape[2]) if axis else quant_nn.QuantConv1d(
        shape[1], shape[0], shape[2])
    layer.weight.data = data(shape, 7, "heavy")
    calibrate_weights(torch.nn.Sequential(layer), method=method, **options)
    return dict(shape=shape, axis=axis, method=method, options=options, amax=flat(layer.weight_quantizer.amax))


golden = dict(
    channels=[
        channels([3, 8, 400], 0, "percentile", percentile=99.0),
        channels([3, 8, 400], 0, "mse"),
        channels([8, 3, 400], 1, "percentile", percentile=95.0),
    ],
    networks=[network(None), network("percentile", percentile=99.0), network("mse")],
    walkThrough=walk_through(),
    forward=[
        forward([5, 7]),
        forward([5, 7], num_bits=4),
        forward([5, 7], num_bits=3, narrow_range=True, amax=0.3),
        forward([5, 7], num_bits=3, narrow_range=False, amax=0.3),
        forward([5, 7], num_bits=12, fake_quant=False),
        forward([5, 7], kind="positive", unsigned=True),
        forward([5, 7], kind="positive", unsigned=True, num_bits=2, fake_quant=False),
        forward([4, 3, 5], axis=0),
        forward([4, 3, 5], axis=(1, ), fake_quant=False),
        forward([4, 3, 5], axis=(0, 1), num_bits=5),
        forward([4, 3, 5], axis=(0, 2), num_bits=5, fake_quant=False),
        forward([4, 3, 5], axis=0, scale_amax=0.7),
        forward([4, 3, 5], axis=0, scale_amax=0.7, amax=0.9),
        forward([5, 7], amax=0.0, fake_quant=False),
        forward([5, 7], amax=2.0**-25),
        forward([5, 7], amax=0.5, learn_amax=True),
    ],
    maxima=[maxima([6, 5, 4]), maxima([6, 5, 4], axis=0), maxima([6, 5, 4], axis=(0, 2)), maxima([6, 5], axis=-1)],
    histograms=[
        histogram("uniform"),
        histogram("heavy"),
        histogram("heavy", num_bits=4),
        histogram("positive"),
        histogram("positive", unsigned=True),
    ],
)
path = pathlib.Path(__file__).with_name("descriptors.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
