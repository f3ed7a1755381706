"""ONNX Runtime's own quantizer, for deno task campaign --python: a line of JSON in, a line of JSON out.

In: {"model": path, "feeds": [{name: [shape, [numbers]]}, ...], "out": path}. Out: {} or {"error": text}.
"""
import json, logging, sys

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

logging.disable(logging.CRITICAL)


class Reader(CalibrationDataReader):
    def __init__(self, feeds):
        arrays = [{k: np.array(v, np.float32).reshape(s) for k, (s, v) in feed.items()} for feed in feeds]
        self.feeds = iter(arrays)

    def get_next(self):
        return next(self.feeds, None)


for line in sys.stdin:
    job = json.loads(line)
    try:
        quantize_static(
            job["model"],
            job["out"],
            Reader(job["feeds"]),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        answer = {}
    except Exception as error:
        answer = {"error": str(error)[:200]}
    print(json.dumps(answer), flush=True)
