"""ONNX Runtime's quantize_static on preprocessed samples: peak memory as one line of JSON.

The model is prepared first, as its documentation recommends: shapes inferred, BatchNormalization folded.

usage: ort_quantize_static.py MODEL.onnx SAMPLES/ OUTPUT.onnx MinMax|Percentile|Entropy [--per-tensor]
                              [--weights QInt4] [--activations QInt16] [--most-gigabytes N]
"""
import argparse
import logging

from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from samples import Samples, limit_memory, report


def main():
    words = argparse.ArgumentParser()
    for name in ("model", "samples", "output", "method"):
        words.add_argument(name)
    words.add_argument("--per-tensor", action="store_true")
    words.add_argument("--weights", default="QInt8")
    words.add_argument("--activations", default="QInt8")
    words.add_argument("--most-gigabytes", type=int)
    flags = words.parse_args()

    logging.disable(logging.WARNING)
    limit_memory(flags.most_gigabytes)
    samples = Samples(flags.model, flags.samples)
    prepared = f"{flags.output}.prepared"
    try:
        quant_pre_process(flags.model, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            flags.output,
            samples,
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType[flags.activations],
            weight_type=QuantType[flags.weights],
            per_channel=not flags.per_tensor,
            calibrate_method=CalibrationMethod[flags.method],
        )
    # Its C++ side raises its own exception classes when memory runs out.
    except Exception as error:
        report(failed=f"{type(error).__name__}: {error}"[:200], samples_read=samples.read)
    else:
        report()


if __name__ == "__main__":
    main()
