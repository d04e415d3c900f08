"""Which batches a worker takes, in the order of cpc-train; its state is a number, good for any count of workers."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

import numpy as np
from torch.utils.data import Sampler

from cpc_tools.plan import BatchPlan
from cpc_tools.windows import Windows

ONE_SPEAKER = {"mixed-speaker": False, "same-speaker": True, "mixed-speaker-excl": False, "same-speaker-excl": True,
               "current-sequence": False}


class PlanSampler(Sampler[list[tuple[int, int]]]):
    """The batches that one of `world` workers takes, for DataLoader's `batch_sampler`.

    windows: what `divide` gives. strategy: a name of `--negatives`; it decides whether a batch has one speaker.
    accumulate: batches that make one update. start: updates already made, so a run resumes at once, anywhere;
    updates: the number to end with, None for an endless run. Each batch is a list of (window, epoch).

    `state_dict` says how many batches all workers together have taken, which is all that the plan depends on beside its
    seed: `load_state_dict` goes on there with any `rank` and `world`, so torchdata's StatefulDataLoader may too.
    """

    AHEAD = 4096  # windows whose place is computed at a time

    def __init__(self, windows: Windows, strategy: str = "mixed-speaker", batch: int = 8, seed: int = 1, rank: int = 0,
                 world: int = 1, accumulate: int = 1, start: int = 0, updates: Optional[int] = None) -> None:
        if strategy not in ONE_SPEAKER:
            raise ValueError(f"strategy \"{strategy}\" is none of {', '.join(ONE_SPEAKER)}")
        if not 0 <= rank < world or accumulate < 1 or start < 0:
            raise ValueError(f"rank {rank} of {world}, {accumulate} batches an update, start {start}")
        groups = windows.groups if ONE_SPEAKER[strategy] else None
        self.plan = BatchPlan(len(windows), batch, seed, groups)
        self.rank, self.world, self.accumulate, self.updates = rank, world, accumulate, updates
        # The whole plan depends on these.
        self.identity: dict[str, Any] = dict(
            windows=windows.digest, window=windows.window, count=len(windows), batch_size=batch, seed=seed,
            one_speaker=ONE_SPEAKER[strategy])
        self.seek(start)

    def seek(self, start: int) -> None:
        """The next iteration begins after so many updates of `world` workers."""
        self.start = start
        # Batches that all workers have taken before it; those that this one has taken since.
        self.first, self.taken = start * self.accumulate * self.world, 0

    def number(self, update: int, step: int = 0) -> int:
        """The global number of batch `step` of an update, both from 0; negatives are drawn by it, too."""
        return self.first + ((update - self.start) * self.accumulate + step) * self.world + self.rank

    def __len__(self) -> int:
        if self.updates is None:
            raise TypeError("an endless sampler has no length")
        return max(0, self.updates - self.start) * self.accumulate

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        self.taken = 0
        end = None if self.updates is None else len(self)
        ahead, here = max(1, self.AHEAD // self.plan.batch), 0
        while end is None or here < end:
            last = here + ahead if end is None else min(here + ahead, end)
            numbers = self.first + np.arange(here, last) * self.world + self.rank
            for number, batch in zip(numbers.tolist(), self.plan.batches(numbers).tolist()):
                self.taken += 1
                epoch = self.plan.epoch(number)
                yield [(window, epoch) for window in batch]
            here = last

    def state_dict(self) -> dict[str, Any]:
        """After what has been yielded: batches of all workers, the updates that they make, and whose plan it is."""
        return dict(batch=self.first + self.taken * self.world, update=self.start + self.taken // self.accumulate,
                    step=self.taken % self.accumulate, **self.identity)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The next iteration goes on after a state, also of another count of workers."""
        missing = ({"batch", "update", "step"} | self.identity.keys()) - state.keys()
        if missing:
            raise ValueError(f"not a state of PlanSampler: it has no {', '.join(sorted(missing))}")
        for name, value in self.identity.items():
            if state[name] != value:
                raise ValueError(f"the state is of another plan: {name} {state[name]}, here {value}")
        if state["step"]:
            raise ValueError(f"the state is from the midst of update {state['update'] + 1}, after {state['step']} of its "
                             "batches, whose gradients are gone: take one from between updates")
        self.start, self.first, self.taken = state["update"], state["batch"], 0
