#!/usr/bin/env python3
"""Compares the phones that cpc-align wrote with a reference, and fails where they are too far from it.

    check_alignment.py MANIFEST REFERENCE_FOLDER [--frames SHARE] [--within MS SHARE] [--median MS] [--table]

REFERENCE_FOLDER holds, at any depth, ID.phones (lines of LABEL BEGIN END, as Tools/speech-corpus writes them) or
ID.TextGrid (Montreal Forced Aligner). Frames are the cells of 10 ms, judged at their centres; boundaries are the
beginnings of phones, paired where the two sequences of phones agree.

    check_alignment.py --exact MANIFEST PHONES_FOLDER OUT

Makes OUT.jsonl and OUT.lexicon, with which cpc-align is given the exact phones of each utterance between two pauses.
"""
import argparse, bisect, difflib, json, pathlib, re, statistics, sys

CELL = 0.01
LIMITS = (10, 20, 25, 50)


def plain(label):
    label = label.strip().upper().rstrip("012")
    return "SIL" if label in ("", "SIL", "SP") else label


def read_phones(path):
    return [(f[0], float(f[1]), float(f[2])) for f in map(str.split, path.read_text().splitlines())]


def read_textgrid(path):
    """The tier `phones` of a TextGrid in the long format, or `SPEAKER - phones`."""
    for tier in path.read_text().split('class = "IntervalTier"')[1:]:
        if re.search(r'name = "(.*)"', tier).group(1).endswith("phones"):
            found = re.findall(r'intervals \[\d+\]:\s+xmin = (\S+)\s+xmax = (\S+)\s+text = "(.*)"', tier)
            return [(plain(text), float(begin), float(end)) for begin, end, text in found]
    sys.exit(f"check_alignment: {path}: no tier of phones")


def at_centres(intervals, cells):
    """The label at the centre of each cell."""
    ends = [end for _, _, end in intervals]
    places = (bisect.bisect_right(ends, (t + 0.5) * CELL + 1e-6) for t in range(cells))
    return [intervals[min(p, len(intervals) - 1)][0] for p in places]


def boundary_differences(ours, theirs):
    """Seconds by which our phones begin later, with the phone; silences have no say in the pairing."""
    ours, theirs = ([i for i in intervals if i[0] != "SIL"] for intervals in (ours, theirs))
    pairing = difflib.SequenceMatcher(None, [i[0] for i in ours], [i[0] for i in theirs], autojunk=False)
    for a, b, size in pairing.get_matching_blocks():
        for k in range(size):
            yield ours[a + k][0], ours[a + k][1] - theirs[b + k][1]


def compare(manifest, folder, table):
    references = {p.stem: p for p in sorted(folder.rglob("*")) if p.suffix in (".phones", ".TextGrid")}
    same = cells = phones = 0
    differences, confusions = [], {}
    for line in manifest.read_text().splitlines():
        entry = json.loads(line)
        path = references.get(entry["id"])
        if path is None or "phones" not in entry:
            continue
        ours = [tuple(p) for p in entry["phones"]]
        theirs = read_phones(path) if path.suffix == ".phones" else read_textgrid(path)
        count = int(round(min(ours[-1][2], theirs[-1][2]) / CELL))
        for a, b in zip(at_centres(ours, count), at_centres(theirs, count)):
            same += a == b
            cells += 1
            if a != b:
                confusions[b, a] = confusions.get((b, a), 0) + 1
        phones += sum(label != "SIL" for label, _, _ in theirs)
        differences += boundary_differences(ours, theirs)
    if not differences:
        sys.exit("check_alignment: no utterance has both phones and a reference")
    sizes = sorted(1000 * abs(d) for _, d in differences)
    within = {ms: bisect.bisect_right(sizes, ms + 1e-3) / len(sizes) for ms in LIMITS}
    result = {"frames": same / cells, "median": statistics.median(sizes), "within": within}
    print(f"{100 * result['frames']:.1f} % of {cells} frames agree; {len(differences)} of {phones} phones paired; their "
          f"beginnings differ by {result['median']:.1f} ms in the median, {statistics.mean(sizes):.1f} ms in the mean "
          f"(ours later by {1000 * statistics.mean(d for _, d in differences):.1f} ms), within "
          + ", ".join(f"{ms} ms {100 * share:.1f} %" for ms, share in within.items()))
    if table:
        ranked = sorted(confusions.items(), key=lambda item: (-item[1], item[0]))[:20]
        print("reference as ours, share of frames: "
              + ", ".join(f"{b} as {a} {100 * n / cells:.2f} %" for (b, a), n in ranked))
        silence = sum(n for pair, n in confusions.items() if "SIL" in pair)
        print(f"where one of the two is silence: {100 * silence / cells:.1f} % of frames")
    return result


def exact(manifest, folder, out):
    references = {p.stem: p for p in sorted(folder.rglob("*.phones"))}
    entries, lexicon, words = [], [], 0
    for line in manifest.read_text().splitlines():
        entry = json.loads(line)
        runs, run = [], []
        for label, _, _ in read_phones(references[entry["id"]]) + [("SIL", 0, 0)]:
            if label != "SIL":
                run.append(label)
            elif run:
                runs.append("Q" + "".join(chr(ord("A") + int(digit)) for digit in str(words)))
                lexicon.append(f"{runs[-1]} {' '.join(run)}\n")
                run, words = [], words + 1
        entries.append(json.dumps(entry | {"text": " ".join(runs)}) + "\n")
    pathlib.Path(f"{out}.jsonl").write_text("".join(entries))
    pathlib.Path(f"{out}.lexicon").write_text("".join(lexicon))


def main():
    if sys.argv[1:2] == ["--exact"] and len(sys.argv) == 5:
        return exact(*map(pathlib.Path, sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--frames", type=float, help="least share of frames that agree")
    parser.add_argument("--within", nargs=2, type=float, metavar=("MS", "SHARE"), help="least share of boundaries within")
    parser.add_argument("--median", type=float, help="most milliseconds")
    parser.add_argument("--table", action="store_true", help="also what is taken for what")
    a = parser.parse_args()
    result = compare(a.manifest, a.folder, a.table)
    bad = []
    if a.frames is not None and result["frames"] < a.frames:
        bad.append(f"frames: less than {a.frames}")
    if a.within and result["within"][int(a.within[0])] < a.within[1]:
        bad.append(f"boundaries within {a.within[0]:g} ms: less than {a.within[1]}")
    if a.median is not None and result["median"] > a.median:
        bad.append(f"median: more than {a.median} ms")
    for line in bad:
        print(f"check_alignment: {line}", file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
