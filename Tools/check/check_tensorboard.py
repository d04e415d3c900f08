#!/usr/bin/env python3
"""Reads the event files of a run with TensorBoard's own reader and compares them with its log.jsonl.

    check_tensorboard.py RUN DIR        # cpc-train … -o RUN --tensorboard DIR; needs pip install tensorboard

Every train and validation line of the log must be there, with the same loss at the same update, and nothing else.
"""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    run, folder = sys.argv[1:]
    events = EventAccumulator(folder, size_guidance=dict(scalars=0))
    events.Reload()
    lines = [json.loads(line) for line in open(f"{run}/log.jsonl")]
    expected = {"train/loss": [(l["update"], l["loss"]) for l in lines if l["type"] == "train"],
                "held_out/loss": [(l["update"], l["loss"]) for l in lines if l["type"] == "validation" and "loss" in l],
                "common/loss": [(l["update"], l["common"]["loss"]) for l in lines if "common" in l]}
    for tag, wanted in expected.items():
        found = [(event.step, event.value) for event in events.Scalars(tag)] if wanted else []
        assert [step for step, _ in found] == [step for step, _ in wanted], (tag, found, wanted)
        assert all(abs(a - b) < 1e-5 for (_, a), (_, b) in zip(found, wanted)), (tag, found, wanted)
        print(f"{tag}: {len(found)} values as in the log")
    assert expected["train/loss"], "nothing was logged"


if __name__ == "__main__":
    main()
