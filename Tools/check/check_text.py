#!/usr/bin/env python3
"""Records of texts against the same rules once more, by brute force: Python with PyICU, whole documents in memory.

usage: check_text.py CPC_SHARD [FOLDER] [--sentences 6] [--words 32] [--vocabulary 20000]

Makes a corpus of messy texts, or takes the .txt, .jsonl and Project Gutenberg books of FOLDER, and compares the vocabulary,
every record's ids and lengths, and what the card counts. Texts that must be refused are, each by its name.
"""
import argparse, collections, json, pathlib, random, re, subprocess, tempfile

import icu
import numpy as np

from dataset import Tally, arrays, header

SPACE = {*range(0x21), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
INVISIBLE = "\u00ad\u200b\u2060\ufeff"
LONGEST = 1 << 16
NFC = icu.Normalizer2.getNFCInstance()
ROOT = icu.Locale.getRoot()
SENTENCES, WORDS = icu.BreakIterator.createSentenceInstance(ROOT), icu.BreakIterator.createWordInstance(ROOT)


def segments(iterator, text):
    """What a break iterator makes of a text; PyICU counts in units of UTF-16."""
    iterator.setText(icu.UnicodeString(text))
    data, start, out = text.encode("utf-16-le"), 0, []
    while (end := iterator.nextBoundary()) != icu.BreakIterator.DONE:
        out.append(data[2 * start:2 * end].decode("utf-16-le"))
        start = end
    return out


def tokens(sentence):
    """Words and marks in small letters, composed (NFC)."""
    bare = ("".join(c for c in s if c != " " and c not in INVISIBLE) for s in segments(WORDS, sentence))
    return [NFC.normalize(str(icu.UnicodeString(s).toLower(ROOT))) for s in bare if s]


def fold(text):
    """White space as single spaces, none at either end."""
    return "".join(" " if ord(c) in SPACE else c for c in text).split(" ")


def lines(text):
    parts = re.split("\r\n|\n|\r", text)
    return parts[:-1] if parts and not parts[-1] else parts


def paragraphs(text):
    paragraph = []
    for line in lines(text) + [""]:
        if all(ord(c) in SPACE for c in line):
            if paragraph:
                yield " ".join(paragraph)
            paragraph = []
        else:
            paragraph.append(line)


def first_bytes(text, limit):
    return text.encode()[:limit].decode(errors="ignore")


def sentences(text, by_line):
    for paragraph in lines(text) if by_line else paragraphs(text):
        rest = " ".join(word for word in fold(paragraph) if word)
        whole = len(rest.encode()) <= LONGEST
        pieces = iter(segments(SENTENCES, rest) if whole and not by_line else [])
        while rest := rest.lstrip(" "):
            piece = rest if by_line else next(pieces, None)
            if piece is None:
                # Of a longer paragraph the iterator sees twice a sentence's limit at a time.
                piece = segments(SENTENCES, first_bytes(rest, 2 * LONGEST))[0]
            if len(piece.encode()) > LONGEST:
                prefix = first_bytes(piece, LONGEST)
                parts = segments(WORDS, prefix)
                piece = "".join(parts[:-1]) if len(parts) > 1 else prefix
            rest = rest[len(piece):]
            if found := tokens(piece.rstrip(" ")):
                yield found


def documents(folder, path):
    """(what is read, by name) of one file."""
    name = path.relative_to(folder).as_posix()
    data = path.read_bytes()
    if path.suffix == ".jsonl":
        for number, line in enumerate(data.decode().split("\n"), 1):
            if line.strip():
                document = json.loads(line)
                yield f"{name}/{document.get('id', number)}", document["text"]
        return
    text = data.decode("utf-8-sig")
    start = re.search(r"(?m)^\*\*\* ?START OF (THE|THIS) PROJECT GUTENBERG[^\r\n]*\*\*\*[ ]*(\r\n|\n|\r)", text)
    if start and len(text[:start.start()].encode()) < 1 << 16:
        end = re.search(r"(?m)^\*\*\* ?END OF (THE|THIS) PROJECT GUTENBERG", text)
        text = text[start.end():end.start() if end else None]
    yield name, text


def messy(folder):
    """Texts with everything that people's texts have, and the names of those that cannot be read."""
    chance = random.Random(7)
    stock = [
        "Dr. Smith went to Washington D.C. on Jan. 5th. He said: \u201cNo.\u201d Then he left!", "It cost $3.50 \u2013 or was it \u20ac4?",
        "\u4eca\u65e5\u306f\u826f\u3044\u5929\u6c17\u3067\u3059\u3002\u660e\u65e5\u3082\u6674\u308c\u308b\u3067\u3057\u3087\u3046\u3002",
        "\u0e27\u0e31\u0e19\u0e19\u0e35\u0e49\u0e2d\u0e32\u0e01\u0e32\u0e28\u0e14\u0e35\u0e21\u0e32\u0e01 \u0e40\u0e23\u0e32\u0e44\u0e1b\u0e40\u0e17\u0e35\u0e48\u0e22\u0e27\u0e01\u0e31\u0e19",
        "cafe\u0301 \u0130stanbul STRASSE Stra\u00dfe \ufb01ne soft\u00adhyphen zero\u200bwidth", "\U0001f469\u200d\U0001f469\u200d\U0001f467 family. e.g. i.e. etc. ... What?! No\u2026",
        "'Tis \"quoted (and bracketed).\" 'Yes.'", "a\u00a0b\u2003c\u3000d\te\x0bf\x0cg", "\u2028separate\u2029paragraph", "x" * 300,
        "\u0643\u062a\u0627\u0628 \u062c\u062f\u064a\u062f\u061f \u0646\u0639\u0645.", "-", "!!!", "1,000.5 2nd 3-4 http://a.b/c?d=e",
    ]
    for number in range(12):
        end = ["\n", "\r\n", "\r"][number % 3]
        body = "".join(chance.choice(stock) + chance.choice([" ", end, end + end, end + " \t" + end]) for _ in range(150))
        (folder / f"text-{number}.txt").write_bytes((b"\xef\xbb\xbf" if number % 4 == 0 else b"") + body.encode())
    (folder / "long-line.txt").write_bytes("".join(chance.choice(stock) + " " for _ in range(4_000)).encode())
    (folder / "long-word.txt").write_bytes(b"z" * 200_000 + b" end. Next one.\n")
    (folder / "documents.jsonl").write_text("\n".join(
        json.dumps({"text": " ".join(chance.sample(stock, 3)), **({"id": f"d{i}"} if i % 2 else {})}) for i in range(40)))
    bad = {"invalid.txt": b"Good. Then \xff\xfe bad.\n", "zero.txt": b"Good. Then\x00 zero.\n", "empty.txt": b"", "blank.txt": b" \r\n\t\n"}
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    return bad.keys()


def check(tally, options, folder, layout, refused, scratch):
    out = scratch / layout
    result = subprocess.run(
        [options.tool, folder, "--layout", layout, "--vocabulary", str(options.vocabulary), "--sentences",
         str(options.sentences), "--words", str(options.words), "-o", out], stderr=subprocess.PIPE, text=True)
    tally.check(result.returncode == (1 if refused else 0), f"{layout}: status {result.returncode}: {result.stderr[-400:]}")
    for name in refused:
        tally.check(f"{name}: " in result.stderr, f"{layout}: {name} is not named")
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".txt", ".jsonl") and path.name not in refused:
            for name, text in documents(folder, path):
                found[name] = list(sentences(text, layout == "sentences"))
    counts = collections.Counter(token for document in found.values() for sentence in document for token in sentence)
    order = sorted(counts, key=lambda token: (-counts[token], token.encode()))[:options.vocabulary - 1]
    ids = {token: number for number, token in enumerate(order, 1)}
    vocabulary = (out / "vocabulary.txt").read_bytes().split(b"\n")
    tally.check([line.split(b"\t")[0] for line in vocabulary if line and not line.startswith(b"#")][-len(order):]
                == [token.encode() for token in order], f"{layout}: another vocabulary")
    planes = [arrays(data, header(data)[1]) for data in
              (np.memmap(path, np.uint8, "r") for path in sorted((out / "shards").iterdir()))]
    seen = 0
    for line in (out / "utterances.jsonl").read_text("utf-8").split("\n"):
        if not line or (entry := json.loads(line))["rows"] == 0:
            continue
        seen += 1
        expected = found.get(entry["id"])
        if not tally.check(expected is not None and len(expected) == entry["sentences"],
                           f"{layout}: {entry['id']}: {entry['sentences']} sentences, not {expected and len(expected)}"):
            continue
        rows = slice(entry["row"], entry["row"] + entry["rows"])
        shard = planes[entry["shard"]]
        wanted = np.zeros((entry["rows"] * options.sentences, options.words), np.uint16)
        lengths = np.zeros(len(wanted), np.uint16)
        for number, sentence in enumerate(expected):
            kept = [ids.get(token, 0) for token in sentence[:options.words]]
            wanted[number, :len(kept)], lengths[number] = kept, len(kept)
        tally.check((shard["tokens"][rows].reshape(wanted.shape) == wanted).all(), f"{layout}: {entry['id']}: other ids")
        tally.check((shard["lengths"][rows].reshape(-1) == lengths).all(), f"{layout}: {entry['id']}: other lengths")
    tally.check(seen == len(found), f"{layout}: {seen} documents of {len(found)}")
    everything = [sentence for document in found.values() for sentence in document]
    return f"{layout}: {len(found)} documents, {len(everything)} sentences, {sum(counts.values())} tokens"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--sentences", type=int, default=6)
    parser.add_argument("--words", type=int, default=32)
    parser.add_argument("--vocabulary", type=int, default=20000)
    options = parser.parse_args()
    tally = Tally("check_text")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder, refused = options.folder, []
        if folder is None:
            folder = scratch / "texts"
            folder.mkdir()
            refused = list(messy(folder))
            if options.vocabulary == 20000:
                options.vocabulary = 60  # so that most words are unknown, and ties are broken
        layouts = ["documents"] if options.folder else ["documents", "sentences"]
        summaries = [check(tally, options, folder, layout, refused, scratch) for layout in layouts]
    tally.close("; ".join(summaries))


main()
