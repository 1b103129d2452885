"""One of several processes that train a network together, or all alone: python -m tests.networks.process FOLDER RANK N.

Writes the losses and the last parameters to FOLDER/RANK.pt. Each takes its share of the same batch.
"""

import gc
import sys
from pathlib import Path

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from networks import Contract, Expand, HyperConnection
from projectors import Orthostochastic, Sinkhorn
from tests.networks.networks import WIDTH, nonlinear, normal, seeded


def network():
    generator, branches = seeded(), [nonlinear(seed=seed) for seed in range(2)]
    first = HyperConnection(WIDTH, Orthostochastic(4, 2), branches[0], generator=generator)
    second = HyperConnection(WIDTH, Sinkhorn(4), branches[1], reads=1, generator=generator)
    return torch.nn.Sequential(Expand(4), first, second, Contract())


def trained(model, rank, of, steps=5):
    x, wanted = normal(8, WIDTH), normal(8, WIDTH, seed=1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (model(x[rank::of]) - wanted[rank::of]).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def main(folder, rank, of):
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=of)
    model = DistributedDataParallel(network())
    losses = trained(model, rank, of)
    torch.save({"losses": losses, "state": model.module.state_dict()}, Path(folder) / f"{rank}.pt")
    del model  # before the group that it holds: torch may wait for ever otherwise
    gc.collect()
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
