"""Long work: made once for everybody who asks, shown while it grows, started, cancelled and cut off in one way."""

from ui.work.carry_out import Outcome, carried_out
from ui.work.searches import complete, in_time
from ui.work.store import kept
from ui.work.work import Work

__all__ = ["Outcome", "Work", "carried_out", "complete", "in_time", "kept"]
