"""Writes solve.json and encode.json: what the range solvers and the encoding arithmetic must answer, from literal
NumPy transcriptions of the definitions (NVIDIA pytorch-quantization; the two-sided mse search as solve_mse.ts states
it) and from ONNX Runtime's own compute_scale_zp and quantize_nparray. Run: python test/golden/solve.py"""
import json
import pathlib

import numpy as np
from onnx import TensorProto
from onnxruntime.quantization import quant_utils

rng = np.random.default_rng(7)
here = pathlib.Path(__file__).parent


def histogram(values):
    """Power-of-two bins, by trying every width from 2^-120 up."""
    values = values.astype(np.float32).astype(np.float64)
    lo, hi = min(values.min(), 0), max(values.max(), 0)
    e = -120
    while np.floor(hi / 2.0**e) - np.floor(lo / 2.0**e) + 1 > 2048:
        e += 1
    first = int(np.floor(lo / 2.0**e))
    count = int(np.floor(hi / 2.0**e)) - first + 1
    counts = np.bincount(np.floor(values / 2.0**e).astype(int) - first, minlength=count)
    return dict(exponent=e, first=first, counts=counts, low=values.min(), high=values.max())


def fold(h):
    n = max(h["first"] + len(h["counts"]), -h["first"])
    bins = np.zeros(n)
    for i, c in enumerate(h["counts"]):
        k = h["first"] + i
        bins[k if k >= 0 else -1 - k] += c
    return bins


def clip(h, amax):
    return [max(min(h["low"], 0), -amax), min(max(h["high"], 0), amax)]


def maxmin(h, scheme):
    return [h["low"], h["high"]]


def percentile(h, scheme, percentage=99.99):
    width = 2.0 ** h["exponent"]
    if scheme["symmetric"]:
        bins = fold(h)
        i = np.searchsorted(np.cumsum(bins) / bins.sum(), percentage / 100)
        return clip(h, max(i, 1) * width)
    cdf = np.cumsum(h["counts"]) / h["counts"].sum()
    edges = (h["first"] + np.arange(len(cdf) + 1)) * width
    cut = (100.0 - percentage) / 200.0
    low, high = edges[np.searchsorted(cdf, cut)], edges[np.searchsorted(cdf, 1.0 - cut)]
    return [max(min(h["low"], 0), min(low, 0)), min(max(h["high"], 0), max(high, width))]


def start_of(n, start):
    return max(1, int(np.floor(start * n / 2048 + 0.5))), n / 2048


def entropy(h, scheme, startBin=128, stride=1):
    bins = fold(h)
    n, width = len(bins), 2.0 ** h["exponent"]
    if n > 1:
        bins[0] = bins[1]
    lo, hi = max(-h["low"], 0), max(h["high"], 0)
    if lo + hi == 0:
        return [h["low"], h["high"]]

    def levels_at(bound):
        if scheme["symmetric"]:
            return 2 ** (scheme["bits"] - 1)
        a, b = min(lo, bound), min(hi, bound)
        return int(np.floor(2 ** scheme["bits"] * max(a, b) / (a + b) + 0.5))

    start, share = start_of(n, startBin)
    start = max(start, min(levels_at(np.inf), startBin))
    stride = max(1, int(np.floor(stride * share + 0.5)))
    divergences, arguments = [], []
    for i in range(start, n + 1, stride):
        group = np.arange(i) * levels_at(i * width) // i
        kept = bins[:i]
        filled = kept > 0
        sums = np.bincount(group[filled], kept[filled], minlength=group[-1] + 1)
        sizes = np.bincount(group[filled], minlength=group[-1] + 1)
        q = np.where(filled, (sums / np.maximum(sizes, 1))[group], 0)
        p = kept.copy()
        p[-1] += bins[i:].sum()
        with np.errstate(all="ignore"):
            p, q = p / p.sum(), q / q.sum()
            kl = np.where(p > 0, np.where(q > 0, p * np.log(p / q), np.inf), 0).sum()
        divergences.append(kl if np.isfinite(kl) else np.inf)
        arguments.append(i)
    if not divergences or not np.isfinite(np.min(divergences)):
        return [h["low"], h["high"]]
    close = np.flatnonzero(np.array(divergences) <= np.min(divergences) + 1e-12)
    return clip(h, arguments[close[-1]] * width)


def mse(h, scheme, startBin=128, stride=1):
    if not scheme["symmetric"] and h["low"] < 0 < h["high"]:
        return mse_two_sided(h, scheme)
    bins, width = fold(h), 2.0 ** h["exponent"]
    n, centers = len(bins), np.arange(len(bins)) + 0.5
    start, share = start_of(n, startBin)
    bound = 2 ** (scheme["bits"] - (1 if scheme["symmetric"] else 0)) - 1
    errors, arguments = [], range(start, n, max(1, int(np.floor(stride * share + 0.5))))
    for i in arguments:
        scale = centers[i] / bound
        errors.append(np.mean((np.minimum(np.round(centers / scale), bound) * scale - centers) ** 2 * bins))
    if not errors or arguments[int(np.argmin(errors))] == n - 1:
        return [h["low"], h["high"]]
    return clip(h, centers[arguments[int(np.argmin(errors))]] * width)


def asymmetric_error(h, scheme, low, high):
    codes = 2 ** scheme["bits"] - 1
    scale = np.float64(np.float32((high - low) / codes))
    zero = np.clip(np.round(-low / ((high - low) / codes)), 0, codes)
    centers = (h["first"] + np.arange(len(h["counts"])) + 0.5) * 2.0 ** h["exponent"]
    q = (np.clip(np.round(centers / scale) + zero, 0, codes) - zero) * scale
    return np.sum((q - centers) ** 2 * h["counts"])


def mse_two_sided(h, scheme):
    tried = {}

    def error(a, b):
        if (a, b) not in tried:
            tried[a, b] = asymmetric_error(h, scheme, h["low"] * a / 64, h["high"] * b / 64)
        return tried[a, b]

    best = min(((s, s) for s in range(64, 0, -1)), key=lambda ab: error(*ab))
    for _ in range(4):
        before = best
        best = min([best] + [(s, best[1]) for s in range(64, -1, -1) if best[1] > 0], key=lambda ab: error(*ab))
        best = min([best] + [(best[0], s) for s in range(64, -1, -1) if best[0] > 0], key=lambda ab: error(*ab))
        if error(*best) == error(*before):
            break
    every = min(error(a, b) for a in range(65) for b in range(65) if a + b)
    print("  two-sided mse: found / least of the whole grid =", error(*best) / every)
    assert error(*best) <= 1.05 * every
    return [h["low"] * best[0] / 64, h["high"] * best[1] / 64]


def scheme(bits, signed, symmetric, narrow=False):
    return dict(bits=bits, signed=signed, symmetric=symmetric, narrow=narrow)


schemes = [scheme(8, True, True, True), scheme(8, True, True), scheme(4, True, True), scheme(8, False, False),
           scheme(4, False, False)]
x = rng.normal(size=60000)
wide = 3 * rng.normal(size=60000)
distributions = {
    "normal": x,
    "laplace": 5 * rng.laplace(size=60000),
    "relu": np.maximum(wide, 0),
    "silu": wide / (1 + np.exp(-wide)),
    "bimodal with outliers": np.concatenate([rng.normal(-2, 0.3, 30000), rng.normal(3, 0.5, 30000), [38, 40, -21]]),
    "negative heavy tail": -np.abs(rng.standard_t(3, size=60000)),
    "nearly all zero": np.concatenate([np.zeros(200000), 100 * rng.random(9)]),
    "single spike": np.full(1000, 0.75),
    "all zero": np.zeros(100),
}
trials = [(maxmin, {}), (percentile, {}), (percentile, dict(percentage=99)), (percentile, dict(percentage=99.999)),
          (entropy, {}), (entropy, dict(startBin=1536, stride=16)), (mse, {}), (mse, dict(startBin=1536, stride=16))]

cases = []
for name, values in distributions.items():
    print(name)
    h = histogram(values)
    expected = []
    for s in schemes:
        for method, parameters in trials:
            low, high = method(h, s, **parameters)
            expected.append(dict(method=method.__name__, scheme=s, parameters=parameters, low=float(low),
                                 high=float(high)))
    cases.append(dict(name=name, histogram={**h, "counts": h["counts"].tolist(), "low": float(h["low"]),
                                            "high": float(h["high"])}, expected=expected))
lines = ",\n".join(json.dumps(case) for case in cases)
(here / "solve.json").write_text(f"[\n{lines}\n]\n")


def short(x):
    """The shortest decimal that is this float32; the reader rounds it to float32 again."""
    return float(str(np.float32(x)))


types = [("INT8", 8, True), ("UINT8", 8, False), ("INT16", 16, True), ("UINT16", 16, False), ("UINT4", 4, False),
         ("INT4", 4, True)]
encoded = []
for onnx_type, bits, signed in types:
    for symmetric in (False, True):
        if onnx_type == "INT4" and symmetric:
            continue  # ONNX Runtime divides by 7.5 there, halftone by 7
        kind = getattr(TensorProto, onnx_type)
        qmin, qmax = quant_utils.get_qmin_qmax_for_qType(kind, symmetric=symmetric)
        for low, high in [(-1, 1), (0, 6), (-3, 0), (2, 5), (-5, -2), (0, 0), (-1e-30, 2e-30), (1e-37, 2e-37),
                          *(-10.0 ** rng.uniform(-3, 3, (12, 2)) * [1, -1])]:
            low, high = np.float32(low), np.float32(high)
            if symmetric and not signed and max(-low, high) < 1e-36:
                continue  # ONNX Runtime's zero point is 0 there, halftone's the middle code, as for all other ranges
            zero, scale = quant_utils.compute_scale_zp(np.array(low), np.array(high), qmin, qmax, symmetric)
            values = (rng.random(8) * 1.4 - 0.2).astype(np.float32) * (high - low) + low
            codes = quant_utils.quantize_nparray(kind, values, scale, zero)
            encoded.append(dict(scheme=scheme(bits, signed, symmetric, symmetric and signed), low=short(low), high=short(high),
                                scale=short(scale), zeroPoint=int(zero), values=[short(v) for v in values], codes=[int(c) for c in codes]))
lines = ",\n".join(json.dumps(case) for case in encoded)
(here / "encode.json").write_text(f"[\n{lines}\n]\n")
