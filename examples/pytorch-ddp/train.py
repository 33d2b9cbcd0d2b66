"""train_plain.py with the lines that let autopilot drive it. By hand it runs as before."""

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
    with autopilot.current(args.epochs, args.lr, batch_per_worker=args.batch, seed=args.seed) as run:
        train(run)


def train(run):
    run.start(optimizers=["sgd", "momentum", "adam"])

    gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if gpu else "gloo")
    rank, workers = dist.get_rank(), dist.get_world_size()
    if gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    device = torch.device("cuda" if gpu else "cpu")
    torch.set_num_threads(1)

    torch.manual_seed(run.seed)
    images, masks = (part.to(device) for part in load("train"))
    parts = {name: [part.to(device) for part in load(name)] for name in ("validation", "test")}
    network = FCN().to(device)
    model = DistributedDataParallel(network)
    optimizer = make_optimizer(run.setting, model.parameters())
    batch = run.batch_per_worker * workers
    steps_per_epoch = len(images) // batch
    scheduler = run.lr_scheduler(optimizer, steps_per_epoch)

    first = 0
    checkpoint = run.resume_from()
    if checkpoint:
        state = torch.load(checkpoint.path, map_location=device)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        first = state["epoch"]

    for epoch in range(first, run.epochs):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(run.seed * 1000 + epoch))
        total = 0.0
        for step in range(steps_per_epoch):
            mine = order[step * batch : (step + 1) * batch][rank::workers]
            run.samples(len(mine))
            loss = cross_entropy(model(images[mine]), masks[mine])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.heartbeat(epoch * steps_per_epoch + step + 1)
            total += loss.item()
        if rank == 0:
            metrics = evaluate(network, *parts["validation"])
            print("epoch %d loss %.4f dice %.4f" % (epoch + 1, total / steps_per_epoch, metrics["dice"]), flush=True)
            run.report(epoch + 1, loss=total / steps_per_epoch, **metrics)

        stop = run.should_stop()
        if stop or (epoch + 1) % run.checkpoint_every == 0:
            state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
            state.update(scheduler=scheduler.state_dict(), epoch=epoch + 1)
            run.checkpoint(lambda path: torch.save(state, path), step=(epoch + 1) * steps_per_epoch, epoch=epoch + 1)
        if stop:
            break
    else:
        if rank == 0:
            for name in run.parts:
                run.evaluate(name, **evaluate(network, *parts[name]))

    dist.destroy_process_group()


def make_optimizer(setting, parameters):
    if setting.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=setting.initial_lr)
    return torch.optim.SGD(parameters, lr=setting.initial_lr, momentum=0.9 if setting.optimizer == "momentum" else 0)


if __name__ == "__main__":
    main()
