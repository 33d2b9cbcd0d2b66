"""The same training steps in PyTorch: prints a StepReport (networks.ts) for the request in argv[1]."""

import json
import resource
import sys
import time

import torch
from torch import nn


def pair(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU()
    )


class UNet(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        channels = [width << k for k in range(depth)]
        self.down = nn.ModuleList(pair(a, b) for a, b in zip([1] + channels, channels))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * c, c, 2, 2) for c in channels[-2::-1])
        self.up = nn.ModuleList(pair(2 * c, c) for c in channels[-2::-1])
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(nn.functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for grow, block, skip in zip(self.grow, self.up, skips[-2::-1]):
            x = block(torch.cat([grow(x), skip], 1))
        return self.head(x)


request = json.loads(sys.argv[1])
torch.set_num_threads(request["threads"])
torch.manual_seed(1)
device = "cuda" if "cuda" in request["variant"] else "cpu"
model = UNet(request["width"], request["depth"]).to(device)
x = torch.randn(request["batch"], 1, request["side"], request["side"], device=device)
labels = (x[:, 0] > 0).long()
if "channels_last" in request["variant"]:
    model = model.to(memory_format=torch.channels_last)
    x = x.to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), 0.01)
criterion = nn.CrossEntropyLoss()


def loss_of():
    with torch.autocast(device, torch.bfloat16, enabled="bf16" in request["variant"]):
        return criterion(model(x), labels)


compute = torch.compile(loss_of) if "compile" in request["variant"] else loss_of


def step():
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = compute()
    loss.backward()
    optimizer.step()
    loss.item()
    return (time.perf_counter() - start) * 1e3


steps, start = 0, time.perf_counter()
while steps < 2 or (time.perf_counter() - start) * 1e3 < request["warmupMs"]:
    step()
    steps += 1
wall, before, start = [], time.process_time(), time.perf_counter()
while not wall or (time.perf_counter() - start) * 1e3 < request["measureMs"]:
    wall.append(step())
print(
    json.dumps(
        {
            "parameters": sum(p.numel() for p in model.parameters()),
            "wallMs": wall,
            "cpuMs": (time.process_time() - before) * 1e3 / len(wall),
            "memoryMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "version": "torch " + torch.__version__ + (" on " + torch.cuda.get_device_name() if device == "cuda" else ""),
        }
    )
)
