"""Runs TorchScript archives in torch. Lines of the file JOBS are JSON: an archive and its inputs, raw bytes in files
with types and shapes. For each, a line in the file ANSWERS: types and shapes of the results, which lie in files, or
the error. Usage: judge.py JOBS ANSWERS"""

import functools
import json
import sys
import warnings

import numpy
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
# Its convolutions by transforms (Winograd) round where plain sums of products of codes are exact.
torch.backends.nnpack.set_flags(False)


def tensor_of(dtype, shape, path):
    numpy_type = {"bfloat16": "int16", "float16": "float16"}.get(dtype, dtype)
    with open(path, "rb") as file:
        array = numpy.frombuffer(file.read(), dtype=numpy_type).reshape(shape).copy()
    found = torch.from_numpy(array)
    return found.view(torch.bfloat16) if dtype == "bfloat16" else found


@functools.cache
def loaded(archive):
    return torch.jit.load(archive)


def run(job):
    module = loaded(job["archive"])
    with torch.no_grad():
        found = module(*[tensor_of(*one) for one in job["inputs"]])
    results = []
    for i, result in enumerate(found if isinstance(found, tuple) else (found,)):
        path = f"{job['output']}{i}"
        dtype = str(result.dtype).replace("torch.", "")
        plain = result.contiguous().view(torch.int16) if dtype == "bfloat16" else result.contiguous()
        with open(path, "wb") as file:
            file.write(plain.numpy().tobytes())
        results.append({"dtype": dtype, "shape": list(result.shape), "path": path})
    return {"results": results}


with open(sys.argv[1]) as jobs, open(sys.argv[2], "w") as answers:
    for line in jobs:
        try:
            answer = run(json.loads(line))
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers)
