"""The same measurement with PyTorch's gloo: allreduce_gloo.py BYTES:REPETITIONS…"""
import json
import os
import sys
import time

import torch
import torch.distributed as dist

os.environ["RANK"] = os.environ["OMPI_COMM_WORLD_RANK"]
os.environ["WORLD_SIZE"] = os.environ["OMPI_COMM_WORLD_SIZE"]
torch.set_num_threads(1)
dist.init_process_group("gloo")
for size in sys.argv[1:]:
    count, repetitions = (int(part) for part in size.split(":"))
    values = torch.ones(count // 4)
    seconds = []
    for turn in range(-2, repetitions):
        values.fill_(1)
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(values)
        if turn >= 0:
            seconds.append(time.perf_counter() - start)
    slowest = torch.tensor([sorted(seconds)[repetitions // 2]], dtype=torch.float64)
    dist.all_reduce(slowest, op=dist.ReduceOp.MAX)
    if dist.get_rank() == 0:
        print(json.dumps({"bytes": count, "microseconds": slowest.item() * 1e6}), flush=True)
