"""ONNX Runtime's quantize_static on preprocessed samples: seconds and peak memory as one line of JSON.

usage: ort_quantize_static.py MODEL.onnx SAMPLES.npy MinMax|Percentile|Entropy OUTPUT.onnx
"""
import json
import logging
import resource
import sys
import time

import numpy as np
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
import onnx


class Samples(CalibrationDataReader):
    """Batches of ten, because the histogram methods want equal batches; the file stays on disk."""

    def __init__(self, name, path, batch=10):
        samples = np.load(path, mmap_mode="r")
        self.batches = ({name: np.array(samples[i : i + batch])} for i in range(0, len(samples), batch))

    def get_next(self):
        return next(self.batches, None)


def main(model, samples, method, output):
    logging.disable(logging.WARNING)
    graph = onnx.load(model).graph
    constants = {constant.name for constant in graph.initializer}
    name = next(value.name for value in graph.input if value.name not in constants)
    started = time.perf_counter()
    quantize_static(
        model,
        output,
        Samples(name, samples),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        calibrate_method=CalibrationMethod[method],
    )
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    peak_rss_bytes = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps({"seconds": seconds, "peak_rss_bytes": peak_rss_bytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
