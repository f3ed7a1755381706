# Trains the demo's network on pictures that draw.ts draws, and writes shapes.onnx beside this file. From the root:
#   pip install torch==2.13.0 onnx==1.23.2 onnxruntime==1.31.1 pillow==13.0.0 numpy==2.4.6
#   python demo/train.py
"""A small CNN for 32x32 pictures: plain, depthwise and residual blocks, BatchNormalization kept as nodes."""

import json
import subprocess
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from PIL import Image
from torch import nn

DEMO = Path(__file__).parent
SEEDS = {"train": 1, "calibration": 2, "test": 3}
PER_CLASS = {"train": 1000, "test": 125}
EPOCHS = 24
BATCH = 64
MEAN, STD = 0.5, 0.25


def pictures(part):
    """Draws a part and reads it: float32 [count, 3, 32, 32] normalized, and class indices."""
    folder = DEMO / "out" / part
    call = f'drawPictures("{folder.as_posix()}", {PER_CLASS[part]}, {SEEDS[part]})'
    draw = (DEMO / "draw.ts").resolve().as_uri()
    code = f'const {{ drawPictures }} = await import("{draw}"); await {call}'
    subprocess.run(["npx", "deno", "eval", code], check=True, cwd=DEMO.parent)
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [(file, index) for index, name in enumerate(classes) for file in sorted(name.iterdir())]
    pixels = numpy.stack([numpy.asarray(Image.open(file)) for file, _ in files])
    scaled = (pixels.astype(numpy.float32) / 255 - MEAN) / STD
    return torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy()), torch.tensor([index for _, index in files])


def conv(inputs, outputs, kernel, stride=1, groups=1):
    padding = kernel // 2
    return [nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(outputs)]


def separable(inputs, outputs, stride):
    depthwise = conv(inputs, inputs, 3, stride, groups=inputs)
    return nn.Sequential(*depthwise, nn.ReLU(), *conv(inputs, outputs, 1), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(*conv(channels, channels, 3), nn.ReLU(), *conv(channels, channels, 3))

    def forward(self, x):
        return torch.relu(x + self.body(x))


def network(classes):
    return nn.Sequential(
        *conv(3, 16, 3),
        nn.ReLU(),
        separable(16, 24, stride=2),
        Residual(24),
        separable(24, 48, stride=2),
        Residual(48),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(48, classes),
    )


def turned(x):
    """One of the eight symmetries of the square, drawn for the whole batch."""
    turns, flip = torch.randint(4, ()).item(), torch.randint(2, ()).item()
    x = torch.rot90(x, turns, (2, 3))
    return torch.flip(x, (3,)) if flip else x


def train(model, x, y):
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
    steps = EPOCHS * (len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        order = torch.randperm(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            loss = nn.functional.cross_entropy(model(turned(x[chosen])), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}/{EPOCHS}: loss {total / (len(x) // BATCH):.4f}", flush=True)


def export(model, path):
    # PRESERVE keeps eval mode and yet does not fold BatchNormalization into the convolutions before it.
    torch.onnx.export(
        model.eval(),
        (torch.zeros(2, 3, 32, 32),),
        str(path),
        dynamo=False,
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        opset_version=13,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}},
    )
    onnx.checker.check_model(str(path), full_check=True)
    steps = {
        "do_resize": False,
        "do_center_crop": False,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [MEAN] * 3,
        "image_std": [STD] * 3,
    }
    (DEMO / "shapes.preprocessor_config.json").write_text(json.dumps(steps, indent=2) + "\n")


def main():
    torch.set_num_threads(2)
    torch.manual_seed(0)
    x, y = pictures("train")
    model = network(int(y.max()) + 1)
    train(model, x, y)
    path = DEMO / "shapes.onnx"
    export(model, path)
    x, y = pictures("test")
    (scores,) = onnxruntime.InferenceSession(str(path)).run(None, {"image": x.numpy()})
    right = (scores.argmax(1) == y.numpy()).mean()
    print(f"{path.name}: {path.stat().st_size} bytes, {100 * right:.1f} % of {len(y)} test pictures")


if __name__ == "__main__":
    main()
