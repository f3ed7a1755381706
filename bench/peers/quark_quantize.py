"""AMD Quark's ONNX quantizer on preprocessed samples: peak memory as one line of JSON.

usage: quark_quantize.py MODEL.onnx SAMPLES/ OUTPUT.onnx --config XINT8|A8W8|A16W8 [--per-channel] [--method NAME]
                         [--cle] [--finetune adaround|adaquant] [--iterations N]
"""
import argparse
import copy
import os

from quark.onnx import ModelQuantizer
from quark.onnx.quantization.config import custom_config
from quark.onnx.quantization.config.algorithm import AdaQuantConfig, AdaRoundConfig, CLEConfig
from quark.onnx.quantization.config.spec import CalibMethod, QuantGranularity

from samples import Samples, report


def algorithms(flags):
    chosen = [CLEConfig()] if flags.cle else []
    if flags.finetune:
        named = {"adaround": AdaRoundConfig, "adaquant": AdaQuantConfig}[flags.finetune]
        chosen.append(named(**({"num_iterations": flags.iterations} if flags.iterations else {})))
    return chosen


def main():
    words = argparse.ArgumentParser()
    for name in ("model", "samples", "output"):
        words.add_argument(name)
    words.add_argument("--config", required=True)
    words.add_argument("--per-channel", action="store_true")
    words.add_argument("--method")
    words.add_argument("--cle", action="store_true")
    words.add_argument("--finetune", choices=("adaround", "adaquant"))
    words.add_argument("--iterations", type=int)
    flags = words.parse_args()

    config = copy.deepcopy(getattr(custom_config, f"{flags.config}_QCONFIG"))
    layers = config.global_config
    if flags.per_channel:
        layers.weight.set_quant_granularity(QuantGranularity.Channel)
    if flags.method:
        layers.activation.set_calibration_method(CalibMethod[flags.method])
    config.algo_config = algorithms(flags)
    # Its finetuning requires batches of one sample.
    samples = Samples(flags.model, flags.samples, batch=1 if flags.finetune else None)
    model, output = os.path.abspath(flags.model), os.path.abspath(flags.output)
    # It writes a quantized_info.csv to the working directory.
    os.chdir(os.path.dirname(output))
    ModelQuantizer(config).quantize_model(model, output, samples)
    report()


if __name__ == "__main__":
    main()
