#!/usr/bin/env python3
"""Reads the event files of a run with TensorBoard's own reader and compares them with its log.jsonl.

    check_tensorboard.py CPC_TRAIN DATASET        # needs pip install tensorboard

The run is killed before its first checkpoint, started anew, killed after one, and resumed. Every train and validation
line of its log must be there, with the same loss at the same update, once, and nothing else; the settings are there as
text and as hyperparameters.
"""
import json, os, pathlib, signal, subprocess, sys, tempfile, time

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

import dataset

tool, folder = sys.argv[1:]
tally = dataset.Tally("check_tensorboard")
check = tally.check
FLAGS = ["--channels", 8, "--context", 8, "--batch", 4, "--steps-ahead", 3, "--updates", 400, "--log-every", 5,
         "--valid-every", 60, "--valid-batches", 2, "--threads", 1, "--resume", "--quiet"]
environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}


def lines(run):
    """The whole lines of the log, as far as it is there."""
    log = pathlib.Path(run) / "log.jsonl"
    text = log.read_text() if log.exists() else ""
    return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]


def start(run, events, *flags):
    command = [tool, folder, "-o", run, "--tensorboard", events, *map(str, (*FLAGS, *flags))]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)


def kill(run, process, update):
    """Kills a run when its log has come to `update`."""
    limit = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < limit:
        if any(line["update"] >= update for line in lines(run)):
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    check(process.wait() == -signal.SIGKILL, f"the run was to be killed at update {update}, but ended by itself")
    time.sleep(1)  # event files are read in the order of their names, which tell the second


with tempfile.TemporaryDirectory() as scratch:
    run, events = f"{scratch}/run", f"{scratch}/events"
    kill(run, start(run, events, "--checkpoint-every", 0), 20)
    check(not os.path.exists(f"{run}/latest"), "a checkpoint was there too early")
    kill(run, start(run, events, "--checkpoint-every", 50), 130)
    check(os.path.exists(f"{run}/latest"), "no checkpoint to go on from")
    check(start(run, events, "--checkpoint-every", 50).wait() == 0, "the run did not come to its end")
    reader = EventAccumulator(events, size_guidance=dict(scalars=0))
    reader.Reload()
    log = lines(run)
    wanted = {"train/loss": [(line["update"], line["loss"]) for line in log if line["type"] == "train"],
              "held_out/loss": [(line["update"], line["loss"]) for line in log if line["type"] == "validation"],
              "common/loss": [(line["update"], line["common"]["loss"]) for line in log if "common" in line]}
    for tag, values in wanted.items():
        check(values, f"{tag}: nothing was logged")
        found = [(event.step, event.value) for event in reader.Scalars(tag)] if tag in reader.Tags()["scalars"] else []
        steps, logged = ([step for step, _ in part] for part in (found, values))
        if check(steps == logged, f"{tag}: at updates {steps}, the log has {logged}"):
            for (step, mine), (_, other) in zip(found, values):
                check(abs(mine - other) < 1e-5, f"{tag}: {mine} at update {step}, the log says {other}")
    norms = [(line["update"], line["gradient_norm"]) for line in log if line["type"] == "train"]
    found = [(event.step, event.value) for event in reader.Scalars("train/gradient_norm")]
    check([step for step, _ in found] == [step for step, _ in norms]
          and all(abs(mine - other) < 1e-4 for (_, mine), (_, other) in zip(found, norms)),
          "train/gradient_norm is not as in the log")
    settings = json.loads((pathlib.Path(run) / "config.json").read_text())
    plugin = {tag.rpartition("/")[2]: HParamsPluginData.FromString(content)
              for tag, content in reader.PluginTagToContent("hparams").items()}
    hyper = plugin["session_start_info"].session_start_info.hparams
    check(hyper["channels"].number_value == 8 and hyper["model"].string_value == "audio"
          and all(name in hyper for name in ("learning_rate", "batch", "seed", "threads")), f"hparams: {list(hyper)}")
    metrics = [metric.name.tag for metric in plugin["experiment"].experiment.metric_infos]
    check(metrics[0] == "held_out/loss" and set(metrics) <= set(reader.Tags()["scalars"]), f"metrics: {metrics}")
    check(plugin["session_end_info"].session_end_info.status == 1, "the session did not end well")
    text = reader.Tensors("settings/text_summary")[-1].tensor_proto.string_val[0].decode()
    check(f"| learning_rate | {settings['learning_rate']} |" in text, f"settings: {text}")
    for path in sorted(pathlib.Path(events).iterdir())[-1:]:
        tags = [value.tag for event in EventFileLoader(str(path)).Load() for value in event.summary.value]
        scalars = [tag for tag in tags if tag in reader.Tags()["scalars"]]
        check(scalars[0].endswith("/loss"), f"the first scalar is {scalars[0]}, not a loss")
    summary = ", ".join(f"{tag} {len(values)}" for tag, values in wanted.items())
tally.close(f"{summary} values as in the log")
