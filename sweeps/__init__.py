"""Sweeps: maps, proofs, samples, slices, training and costs over methods, n and s, on one machine or a cluster.

`python -m sweeps run PLAN.toml` computes what a plan asks for and its store lacks; every result is a file of its own.
"""

from sweeps.plan import Plan, plan
from sweeps.running import Outcome, run
from sweeps.store import Store
from sweeps.tables import atlas, columns
from sweeps.tasks import Task

__all__ = ["Outcome", "Plan", "Store", "Task", "atlas", "columns", "plan", "run"]
