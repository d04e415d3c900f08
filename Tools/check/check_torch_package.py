#!/usr/bin/env python3
"""Checks the package of Tools/torch as its users meet it: what a wheel of it holds, its types, what its datasets give, a
sampler that is saved and loaded, features, training, and what it says to those who use it wrongly.

    check_torch_package.py CPC_BIN CORPUS

CPC_BIN is the folder of the tools, CORPUS one of Tools/speech-corpus. mypy and torchdata are asked what they know where
this Python has them; what is left out is named.
"""
import importlib.util, json, os, pathlib, pickle, shutil, subprocess, sys, tempfile, zipfile

import numpy as np
import torch
import xxhash
from safetensors.numpy import load_file
from torch.utils.data import DataLoader, default_collate

import dataset as files

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "torch"
sys.path.insert(0, str(SOURCE))
import cpc_tools

tally = files.Tally("check_torch_package")
check = tally.check


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)


def made(*words):
    result = run(*words)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {result.stderr}")


def has(module):
    found = importlib.util.find_spec(module) is not None
    if not found:
        print(f"left out: what needs {module}, which {sys.executable} has not")
    return found


def package(scratch):
    """A wheel has the types and the README; mypy has nothing to say, of a user's program either."""
    shutil.copytree(SOURCE, scratch / "torch", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    wheel = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir",
                scratch / "wheels", scratch / "torch")
    if wheel.returncode:  # where there is no setuptools, pip must fetch one
        wheel = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", scratch / "wheels",
                    scratch / "torch")
    if check(wheel.returncode == 0, f"pip wheel: {wheel.stderr}"):
        path = next((scratch / "wheels").glob("*.whl"))
        content = zipfile.ZipFile(path)
        names = set(content.namelist())
        metadata = content.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        wanted = {f"cpc_tools/{file.name}" for file in (SOURCE / "cpc_tools").iterdir() if file.is_file()}
        check({name for name in names if name.startswith("cpc_tools/")} == wanted, f"the wheel holds {sorted(names)}")
        check("cpc_tools/py.typed" in names, "no py.typed")
        check((SOURCE / "README.md").read_text().strip() in metadata, "its metadata have no README")
        check(f"\nVersion: {cpc_tools.__version__}\n" in metadata, "another version")
    check(int(cpc_tools.__version__.split(".")[0]) == cpc_tools.SCHEMA == files.card(scratch / "d")["schema"],
          "the version is not of the schema of datasets")
    check(cpc_tools.read_metadata(scratch / "run")["cpc.checkpoint"] == cpc_tools.CHECKPOINTS[-1], "format of checkpoints")
    if has("mypy"):
        (scratch / "user.py").write_text(USER)
        for words in (["-p", "cpc_tools"], ["--strict", scratch / "user.py"]):
            said = run(sys.executable, "-m", "mypy", "--config-file", SOURCE / "pyproject.toml", "--cache-dir",
                       scratch / "mypy", *words, cwd=SOURCE, env={**os.environ, "MYPYPATH": str(SOURCE)})
            check(said.returncode == 0, f"mypy: {said.stdout}{said.stderr}")


USER = """
import torch
import cpc_tools

training, held_out = cpc_tools.divide("d", seed=1)
sampler = cpc_tools.PlanSampler(training, batch=8)
loader = torch.utils.data.DataLoader(training, batch_sampler=sampler)
model: cpc_tools.Contrastive = cpc_tools.load("run")
z: torch.Tensor = cpc_tools.features(model, "a.wav").z
text: str | None = training.dataset.utterance(0).text
position: dict[str, object] = sampler.state_dict()
"""


def records(folder):
    """Every plane of every record, from the files alone; planes of an utterance one after another."""
    planes = {}
    for base in files.shards(folder):
        for path in [base, *(name for name in files.tree(folder) if name.startswith(base[:-len("safetensors")]) and name != base)]:
            for name, values in load_file(pathlib.Path(folder) / path).items():
                planes.setdefault((name, path == base), []).append(values)
    return {name: np.concatenate(values) for (name, base), values in planes.items() if base or name != "checksum"}


def data(folder):
    """Items, batches and utterances against the files."""
    dataset, lines, planes = cpc_tools.Dataset(folder), files.utterances(folder), records(folder)
    added = [overlay["name"] for overlay in files.card(folder)["overlays"]]
    check(added == ["other", "total"], f"added planes {added}")
    check(list(dataset.planes) == ["samples", "phones", *added], f"planes {list(dataset.planes)}")
    check(dataset.groups == files.group_names(folder) and dataset.ids == [line["id"] for line in lines], "names")
    overlay = files.card(folder)["overlays"][0]
    check(dataset.classes == dict(phones=tuple(files.card(folder)["phone_sets"][0]["classes"]),
                                  other=tuple(overlay["classes"])), "names of classes")
    rows = np.cumsum([0, *(line["rows"] for line in lines)])
    cells = {"phones": 128, "other": 128}
    for i, line in enumerate(lines):
        one = dataset.utterance(i)
        count = -(-line["samples"] // 160)
        good = (one.id, one.group, one.text, one.units) == (line["id"], line["group"], line["text"], line["samples"])
        good = good and one.facts == line and torch.equal(one.samples, dataset.utterance(line["id"]).samples)
        for name, length in dict(samples=line["samples"], phones=count, other=count).items():
            whole = planes[name][rows[i]:rows[i + 1]].reshape(-1)[:length]
            good = good and np.array_equal(one.planes[name].numpy(), whole)
        check(good and one.planes["total"] == line["samples"], f"utterance {i} is not what the files hold")
        check(dataset.text(i) == line["text"], f"text of utterance {i}")
    for record in (0, 100, len(planes["start"]) - 1):
        mine = dataset.record(record)
        check(mine.keys() == planes.keys() and all(np.array_equal(mine[name], planes[name][record]) for name in planes),
              f"record {record}: {sorted(mine)}")
    for window, crop in ((20480, None), (20480, 7), (16000, 7), (16001, None), (40960, 3)):
        windows = cpc_tools.Windows(dataset, range(len(lines)), window, crop)
        items = [(int(i), epoch) for epoch in (0, 5) for i in range(len(windows))]
        for batch in (items[k:k + 37] for k in range(0, len(items), 37)):
            got = windows.__getitems__(batch)
            stacked = default_collate(got)
            good = len(got) == len(batch)
            for k in range(len(batch)):
                line, begin = lines[stacked["utterance"][k]], rows[stacked["utterance"][k]]
                start = int(stacked["start"][k])
                good = good and start % (1 if crop is None else 160) == 0 and 0 <= start <= line["samples"] - window
                good = good and int(stacked["record"][k]) == begin + start // 20480 and int(stacked["valid"][k]) == window
                good = good and dataset.groups[stacked["group"][k]] == line["group"]
                good = good and int(stacked["total"][k]) == line["samples"]
                flat = planes["samples"][begin:].reshape(-1)
                good = good and np.array_equal(stacked["samples"][k].numpy(), flat[start:start + window])
                for name in cells if window % 160 == 0 else ():
                    flat = planes[name][begin:].reshape(-1)
                    good = good and np.array_equal(stacked[name][k].numpy(), flat[start // 160:(start + window) // 160])
            check(good and ("phones" in stacked) == (window % 160 == 0), f"windows of {window}, crop {crop}: not what the files hold")
        # One at a time, and collated by hand, they are the same.
        few = [windows[item] for item in items[:5]]
        by_hand, at_once = default_collate(few), default_collate(windows.__getitems__(items[:5]))
        check(by_hand.keys() == at_once.keys() and all(torch.equal(by_hand[name], at_once[name]) for name in by_hand),
              f"windows of {window}: single items differ from a batch")
        again = pickle.loads(pickle.dumps(windows))
        check(torch.equal(again[3]["samples"], windows[3]["samples"]) and len(pickle.dumps(windows)) < 200_000, "pickled")
        check(str(len(windows)) in repr(windows) and "samples" in repr(windows) and str(folder) in repr(windows), repr(windows))


def resumed(folder):
    """All batches of all ranks, in the order of the plan, whatever the world and wherever it is stopped."""
    windows, _ = cpc_tools.divide(folder, crop=True)

    def take(loaders, count):
        return [[b["start"].tolist() + b["utterance"].tolist() for _, b in zip(range(count), loader)] for loader in loaders]

    def samplers(world, state=None, accumulate=1):
        result = [cpc_tools.PlanSampler(windows, "same-speaker", 8, 5, rank, world, accumulate) for rank in range(world)]
        for sampler in result:
            if state is not None:
                sampler.load_state_dict(state)
        return result

    alone = take([DataLoader(windows, batch_sampler=samplers(1)[0])], 60)[0]
    loaders = [("DataLoader", None, 0)]
    if has("torchdata"):
        from torchdata.stateful_dataloader import StatefulDataLoader
        loaders += [("StatefulDataLoader", StatefulDataLoader, workers) for workers in (0, 2)]
    for title, kind, workers in loaders:
        for before, after in ((1, 1), (2, 3), (3, 2), (1, 4)) if not workers else ((2, 3),):
            ranks, states = samplers(before), []
            taken = []
            for rank in ranks:
                loader = kind(windows, batch_sampler=rank, num_workers=workers) if kind else rank
                iterator = iter(loader)
                mine = [next(iterator) for _ in range(6)]
                if not kind:
                    mine = [default_collate(windows.__getitems__(batch)) for batch in mine]
                taken.append([b["start"].tolist() + b["utterance"].tolist() for b in mine])
                states.append(json.loads(json.dumps(rank.state_dict())) if not kind else loader.state_dict())
                del iterator
            for rank in samplers(after):
                if kind:
                    loader = kind(windows, batch_sampler=rank, num_workers=workers)
                    loader.load_state_dict(states[0])
                else:
                    rank.load_state_dict(states[0])
                    loader = DataLoader(windows, batch_sampler=rank)
                taken.append(take([loader], 4)[0])
                first = 6 * before
                check(rank.number(rank.start) == first + rank.rank, f"{title}: numbers of batches after a resume")
            mixed = [batch for step in zip(*taken[:before]) for batch in step] + [
                batch for step in zip(*taken[before:]) for batch in step]
            check(mixed == alone[:len(mixed)] and len(mixed) == 6 * before + 4 * after,
                  f"{title}, {workers} workers, {before} ranks and then {after}: not the batches of the plan")


def trained(bin, scratch):
    """cpc_tools.train: goes on where it was, with more processes, and cpc-train goes on from it."""
    def train(out, *flags, processes=1):
        words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", processes] if processes > 1 \
            else [sys.executable]
        return run(*words, "-m", "cpc_tools.train", scratch / "d", "-o", out, "--workers", 0, *flags,
                   env={**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"})

    small = ["--channels", 16, "--context", 12, "--steps-ahead", 3, "--num-negatives", 20, "--accumulate", 2]
    whole, parts = scratch / "whole", scratch / "parts"
    check((said := train(whole, "--updates", 4, *small)).returncode == 0, said.stderr)
    check((said := train(parts, "--updates", 2, *small)).returncode == 0, said.stderr)
    first = (parts / "checkpoints/0000002.safetensors").read_bytes()
    check((said := train(parts, "--updates", 4, processes=2)).returncode == 0, said.stderr)
    check((parts / "checkpoints/0000002.safetensors").read_bytes() == first, "a checkpoint was written over")
    one, other = (load_file(cpc_tools.find(out)) for out in (whole, parts))
    worst = max(float(np.abs(one[name] - other[name]).max()) for name in one)
    check(worst < 1e-5, f"four updates, and two by one process and two by two, differ by {worst}")
    for flags, words in ((["--channels", 512], ("--channels 512", "has 16")), (["--context", 9], ("--context 9", "has 12")),
                         (["--seed", 9, "--batch", 4], ("--seed 9", "has 1", "--batch 4", "has 8"))):
        said = train(parts, "--updates", 9, *flags)
        check(said.returncode == 1 and all(word in said.stderr for word in words) and "Traceback" not in said.stderr,
              f"{flags}: {said.stderr}")
    check(cpc_tools.find(parts).name == "0000004.safetensors", "a refused run changed the folder")
    said = run(bin / "cpc-train", scratch / "d", "-o", parts, "--resume", "--threads", 1, "--updates", 5, "--quiet", *small)
    check(said.returncode == 0 and cpc_tools.find(parts, prefer=["latest"]).name == "0000005.safetensors", said.stderr)


def embedded(bin, scratch):
    """features: what cpc-embed makes, of tensors and recordings."""
    made(bin / "cpc-embed", scratch / "run", scratch / "d", "-o", scratch / "z", "--layer", "both", "--context", "utterance",
         "--quiet")
    audio, given, model = cpc_tools.Dataset(scratch / "d"), cpc_tools.Dataset(scratch / "z"), cpc_tools.load(scratch / "run")
    for i in range(0, len(audio), 5):
        samples = audio.utterance(i).samples
        wanted = given.utterance(i).planes["features"]
        for title, source in (("int16", samples), ("float", samples / 32768), ("double", samples.double().numpy() / 32768),
                              ("windows", samples[None])):
            z, c = cpc_tools.features(model, source)
            mine = torch.cat([z, c], dim=-1).reshape(-1, wanted.shape[1])
            check(mine.shape == wanted.shape and float((mine - wanted).abs().max()) < 2e-5 * max(1, float(wanted.abs().max())),
                  f"features of utterance {i}, {title}")
    whole = cpc_tools.features(model, samples)
    # The package's name is that of the function, too.
    module = sys.modules["cpc_tools.features"]
    piece, module.PIECE = module.PIECE, 50
    pieces = cpc_tools.features(model, samples)
    module.PIECE = piece
    check(float((whole.z - pieces.z).abs().max()) < 1e-5 and float((whole.c - pieces.c).abs().max()) < 1e-5, "in pieces")
    if has("soundfile"):
        import soundfile
        for name in ("a.flac", "a.wav"):
            soundfile.write(scratch / name, samples.numpy(), 16000)
            check(torch.equal(cpc_tools.features(model, scratch / name).c, whole.c), f"features of {name}")
        soundfile.write(scratch / "fast.wav", samples.numpy(), 44100)
        recording = (scratch / "fast.wav").read_bytes()
        (scratch / "cut.wav").write_bytes(recording[:len(recording) // 2])
        soundfile.write(scratch / "two.wav", np.stack([samples, samples], 1), 16000)


def wrong(scratch):
    """What is said of wrong uses: the file, the cause, and what to do."""
    model, folder = cpc_tools.load(scratch / "run"), scratch / "d"
    samples = cpc_tools.Dataset(folder).utterance(0).samples
    windows, _ = cpc_tools.divide(folder)
    run_file = cpc_tools.find(scratch / "run")

    def broken(name, path, change):
        shutil.copytree(folder, scratch / name)
        file = scratch / name / path
        file.write_bytes(change(file.read_bytes()))
        return scratch / name

    def newer(data):
        body = data.rpartition(b'  "digest": "')[0].replace(b'"schema": 1', b'"schema": 2')
        return body + b'  "digest": "' + xxhash.xxh3_128(body).hexdigest().encode() + b'"\n}\n'

    shard = files.shards(folder)[0]
    later = scratch / "later.safetensors"
    later.write_bytes(run_file.read_bytes().replace(b'"cpc.checkpoint":"2"', b'"cpc.checkpoint":"3"'))
    damaged = scratch / "damaged.safetensors"
    damaged.write_bytes(run_file.read_bytes()[:-4] + b"\1\2\3\4")
    state = cpc_tools.PlanSampler(windows, seed=2).state_dict()
    cases = [
        (lambda: cpc_tools.Dataset(scratch / "nothing"), cpc_tools.DatasetError, ["nothing", "no such dataset"]),
        (lambda: cpc_tools.Dataset(scratch / "wheels"), cpc_tools.DatasetError, ["wheels", "dataset.json"]),
        (lambda: cpc_tools.Dataset(broken("new", "dataset.json", newer)), cpc_tools.DatasetError,
         ["new/dataset.json", "schema 2", "reads schema 1", "upgrade"]),
        (lambda: cpc_tools.Dataset(broken("bent", "dataset.json", lambda d: d.replace(b"9001", b"9009"))),
         cpc_tools.DatasetError, ["bent/dataset.json", "damaged"]),
        (lambda: cpc_tools.Dataset(broken("cut", shard, lambda d: d[:-1])), cpc_tools.DatasetError, [shard, "cut short"]),
        (lambda: cpc_tools.Dataset(broken("head", shard, lambda d: d.replace(b'"samples"', b'"simples"'))),
         cpc_tools.DatasetError, [shard, "samples", "missing"]),
        (lambda: windows.dataset.utterance("nobody"), cpc_tools.DatasetError, [str(folder), "nobody"]),
        (lambda: windows.dataset.utterance(99999), cpc_tools.DatasetError, [str(folder), "99999"]),
        (lambda: cpc_tools.divide(folder, split="mine"), cpc_tools.DatasetError, [str(folder), "mine"]),
        (lambda: cpc_tools.PlanSampler(windows, "other-speaker"), ValueError, ["other-speaker", "same-speaker"]),
        (lambda: cpc_tools.PlanSampler(windows, seed=3).load_state_dict(state), ValueError, ["another plan", "seed 2", "3"]),
        (lambda: cpc_tools.load(scratch / "wheels"), cpc_tools.CheckpointError, ["wheels", "no checkpoint"]),
        (lambda: cpc_tools.load(folder / shard), cpc_tools.CheckpointError, [shard, "not a checkpoint"]),
        (lambda: cpc_tools.load(later), cpc_tools.CheckpointError, [str(later), "format 3", "upgrade"]),
        (lambda: cpc_tools.load(damaged), cpc_tools.CheckpointError, [str(damaged), "damaged"]),
        (lambda: cpc_tools.features(model, samples.float()), ValueError, ["scale of int16", "32768"]),
        (lambda: cpc_tools.features(model, samples / 20000 * 20000 / samples.abs().max() * 1.5), ValueError, ["1.5", "−1 to 1"]),
        (lambda: cpc_tools.features(model, samples.int()), TypeError, ["int32", "int16"]),
        (lambda: cpc_tools.features(model, samples, rate=8000), ValueError, ["8000", "16000", "resample"]),
        (lambda: cpc_tools.features(model, torch.stack([samples, samples], 1)), ValueError, ["channels"]),
        (lambda: cpc_tools.features(model, samples.reshape(1, 1, -1)), ValueError, ["[samples]", "[windows, samples]"]),
        (lambda: cpc_tools.features(model, samples[:0]), ValueError, ["no sample"]),
        (lambda: cpc_tools.features(cpc_tools.TextCPC(words=9, embedding=4, channels=4, context=4), samples), TypeError,
         ["text", "audio"]),
    ]
    if importlib.util.find_spec("soundfile"):
        cases += [
            (lambda: cpc_tools.features(model, scratch / "fast.wav"), ValueError, ["fast.wav", "44100", "resample"]),
            (lambda: cpc_tools.features(model, scratch / "two.wav"), ValueError, ["two.wav", "2 channels"]),
            (lambda: cpc_tools.features(model, scratch / "none.wav"), ValueError, ["none.wav", "no such file"]),
            (lambda: cpc_tools.features(model, scratch / "cut.wav"), ValueError, ["cut.wav", "cut short", "are there"]),
        ]
    for action, kind, words in cases:
        try:
            action()
            check(False, f"nothing was said: {words}")
        except Exception as error:
            said = str(error)
            check(isinstance(error, kind) and all(word in said for word in words), f"{type(error).__name__}: {said}: no {words}")
            print(f"  {type(error).__name__}: {said.replace(str(scratch) + '/', '')}")
    return len(cases)


def main():
    bin, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        made(bin / "cpc-align", corpus, "-o", scratch / "aligned.jsonl", "--quiet")
        made(bin / "cpc-shard", scratch / "aligned.jsonl", "-o", scratch / "d", "--shard-records", 32, "--quiet")
        # Other labels: the same phones, a class for each cell of the numbering that follows.
        (scratch / "set.txt").write_text("".join(f"{c}\n" for c in reversed(files.card(scratch / "d")["phone_sets"][0]["classes"])))
        made(bin / "cpc-shard", "add", scratch / "d", f"other={scratch / 'aligned.jsonl'}", "--phone-set", scratch / "set.txt",
             "--quiet")
        made(bin / "cpc-shard", "add", scratch / "d", "total=key:samples", "--quiet")
        made(bin / "cpc-train", scratch / "d", "-o", scratch / "run", "--channels", 24, "--context", 20, "--updates", 2, "--quiet")
        package(scratch)
        data(scratch / "d")
        resumed(scratch / "d")
        embedded(bin, scratch)
        trained(bin, scratch)
        count = wrong(scratch)
    tally.close(f"{count} wrong uses, each with its message above")


if __name__ == "__main__":
    main()
