"""Shared by the Python drivers: samples from a folder of .npy batches, and peak memory as JSON."""
import json
import pathlib
import resource
import sys

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader


def only_input(model):
    graph = onnx.load(model, load_external_data=False).graph
    constants = {constant.name for constant in graph.initializer}
    return next(value.name for value in graph.input if value.name not in constants)


class Samples(CalibrationDataReader):
    """The batches of a folder in order of their names, one in memory at a time; `batch` divides them."""

    def __init__(self, model, folder, batch=None):
        self.name = only_input(model)
        self.files = sorted(pathlib.Path(folder).resolve().glob("*.npy"))
        self.batch = batch
        self.read = 0
        self.rewind()

    def batches(self):
        for file in self.files:
            whole = np.load(file)
            step = self.batch or len(whole)
            for i in range(0, len(whole), step):
                self.read += min(step, len(whole) - i)
                yield {self.name: whole[i : i + step]}

    def get_next(self):
        return next(self.left, None)

    def rewind(self):
        self.left = self.batches()

    def __len__(self):
        return sum(-(-len(np.load(file, mmap_mode="r")) // (self.batch or 10**9)) for file in self.files)


def limit_memory(gigabytes):
    """Limits the address space: exhausting memory then raises an error instead of stopping the machine."""
    if gigabytes:
        resource.setrlimit(resource.RLIMIT_AS, (gigabytes * 10**9, gigabytes * 10**9))


def report(**fields):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    fields["peak_rss_bytes"] = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps(fields))
