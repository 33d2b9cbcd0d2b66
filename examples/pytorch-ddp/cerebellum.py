"""The cerebellum slices and the network: what train_plain.py and train.py share."""

import json
import os

import numpy
import torch
from torch import nn
from torch.nn import functional

SLICES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cerebellum", "slices")


def load(split):
    """Images (n, 1, 32, 32) in float32 and masks (n, 32, 32), 1 where the cerebellum is."""
    with open(os.path.join(SLICES, "manifest.json")) as file:
        manifest = json.load(file)
    entry = manifest["splits"][split]

    def read(part):
        path = os.path.join(SLICES, entry[part]["file"])
        return numpy.fromfile(path, dtype=entry[part]["dtype"])

    shape = (entry["count"], manifest["height"], manifest["width"])
    images = torch.from_numpy(read("images").astype(numpy.float32).reshape(shape)).unsqueeze(1)
    masks = torch.from_numpy(read("labels").astype(numpy.int64).reshape(shape))
    return images, masks


def block(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs), nn.ReLU())


class FCN(nn.Module):
    """Three levels, each with a score of its own, added from the coarsest up (60,806 parameters at 16 channels)."""

    def __init__(self, channels=16):
        super().__init__()
        self.fine = block(1, channels)
        self.middle = block(channels, 2 * channels)
        self.coarse = nn.Sequential(block(2 * channels, 4 * channels), block(4 * channels, 4 * channels))
        self.scores = nn.ModuleList(nn.Conv2d(n * channels, 2, 1) for n in (1, 2, 4))
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, image):
        fine = self.fine(image)
        middle = self.middle(functional.max_pool2d(fine, 2))
        coarse = self.coarse(functional.max_pool2d(middle, 2))
        score = double(self.scores[2](coarse)) + self.scores[1](middle)
        return double(score) + self.scores[0](fine)


def double(image):
    return functional.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)


@torch.no_grad()
def evaluate(model, images, masks):
    """Dice of the cerebellum, and mean accuracy and mean IoU over both classes, over all pixels together."""
    model.eval()
    predicted = torch.cat([model(batch).argmax(1) for batch in images.split(64)])
    model.train()
    masks = masks.to(predicted.device)
    hits = [((predicted == c) & (masks == c)).sum().item() for c in (0, 1)]
    named = [(predicted == c).sum().item() for c in (0, 1)]
    actual = [(masks == c).sum().item() for c in (0, 1)]
    return {
        "dice": 2 * hits[1] / max(1, named[1] + actual[1]),
        "meanAccuracy": sum(h / max(1, a) for h, a in zip(hits, actual)) / 2,
        "meanIoU": sum(h / max(1, n + a - h) for h, n, a in zip(hits, named, actual)) / 2,
    }
