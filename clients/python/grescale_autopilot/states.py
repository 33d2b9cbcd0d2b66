"""Collects the states of everything that is trained for a checkpoint, and restores them."""

from __future__ import annotations

import sys
from typing import Any, Dict, Sequence


def states_of(model: Any, optimizer: Any, also: Sequence[Any]) -> Dict[str, Any]:
    """Call it on every rank: states sharded over the ranks (FSDP) are gathered collectively, to the CPU of rank 0."""
    if is_sharded(model):
        api = _sharded_api()
        options = api.StateDictOptions(full_state_dict=True, cpu_offload=True)
        weights, moments = api.get_state_dict(model, optimizer, options=options)
    else:
        weights, moments = model.state_dict(), optimizer.state_dict()
    return {"model": weights, "optimizer": moments, "also": [each.state_dict() for each in also]}


def load_states(state: Dict[str, Any], model: Any, optimizer: Any, also: Sequence[Any]) -> None:
    if len(state["also"]) != len(also):
        raise RuntimeError(
            "The checkpoint has the states of %d things besides model and optimizer, but run.epochs was given %d: give the same ones."
            % (len(state["also"]), len(also))
        )
    if is_sharded(model):
        api = _sharded_api()
        options = api.StateDictOptions(full_state_dict=True)
        api.set_state_dict(
            model, optimizer, model_state_dict=state["model"], optim_state_dict=state["optimizer"], options=options
        )
    else:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    for each, saved in zip(also, state["also"]):
        each.load_state_dict(saved)


def is_sharded(model: Any) -> bool:
    """Whether no rank has the whole model: PyTorch's FSDP, either version."""
    names = {type(each).__name__ for each in model.modules()}
    parameters = {type(each).__name__ for each in model.parameters()}
    return "FullyShardedDataParallel" in names or "DTensor" in parameters


def _sharded_api() -> Any:
    try:
        from torch.distributed.checkpoint import state_dict
    except ImportError as error:
        torch: Any = sys.modules["torch"]
        raise RuntimeError(
            "Saving a model that is sharded over the ranks needs PyTorch 2.2 or newer; this is %s." % torch.__version__
        ) from error
    return state_dict
