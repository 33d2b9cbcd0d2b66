"""Trains the cerebellum network with PyTorch DDP: gloo on CPUs, NCCL on GPUs. The kind of script people have."""

import argparse
import os

import grescale_autopilot as autopilot
import torch
import torch.distributed as dist
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

from cerebellum import FCN, evaluate, load


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--lr", type=float, default=0.5)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    run = autopilot.current(args)

    gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if gpu else "gloo")
    rank, workers = dist.get_rank(), dist.get_world_size()
    if gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    device = torch.device("cuda" if gpu else "cpu")
    torch.set_num_threads(1)

    torch.manual_seed(args.seed)
    images, masks = (part.to(device) for part in load("train"))
    parts = {name: [part.to(device) for part in load(name)] for name in ("validation", "test")}
    network = FCN().to(device)
    model = DistributedDataParallel(network)
    optimizer = run.optimizer(model.parameters())
    batch = args.batch * workers
    steps_per_epoch = len(images) // batch

    for epoch in run.epochs(model, optimizer, steps_per_epoch):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(args.seed * 1000 + epoch))
        total = 0.0
        for step in range(steps_per_epoch):
            mine = order[step * batch : (step + 1) * batch][rank::workers]
            loss = cross_entropy(model(images[mine]), masks[mine])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        if rank == 0:
            metrics = evaluate(network, *parts["validation"])
            print("epoch %d loss %.4f dice %.4f" % (epoch + 1, total / steps_per_epoch, metrics["dice"]), flush=True)
            run.report(loss=total / steps_per_epoch, **metrics)
    if rank == 0:
        print("test dice %.4f" % evaluate(network, *parts["test"])["dice"])

    dist.destroy_process_group()


if __name__ == "__main__":
    main()
