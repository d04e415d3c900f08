#!/usr/bin/env python3
"""Writes the man pages of tools, one for each and one for each subcommand, from what they say of themselves.

The plugin of swift-argument-parser (generate-manual) does so too, but fills examples and tables like prose.
"""
import argparse, json, pathlib, re, subprocess, textwrap

MARGIN, WIDTH = 7, 80  # columns left of a text, and of a page
HEADING = re.compile(r"[A-Z][A-Z0-9 ,'-]*( \(.*\))?")


def escaped(text):
    """Text as roff prints it: no word is a request, and `-` is what a shell takes."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("~", "\\(ti").replace("^", "\\(ha")
    return "\\&" + text if text.startswith(".") else text


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def italic(text):
    return f"\\fI{escaped(text)}\\fR"


def second_column(line):
    """Where the text of a table's row begins, or that of a line which goes on with it; 0 of all else."""
    found = re.match(r" *\S+(?: \S+)*? {2,}(?=\S)| *", line).end()
    return found if 8 <= found < WIDTH / 2 else 0


def rows(lines):
    """The lines, those of a table's row as one."""
    joined = []
    for line in lines:
        column = second_column(joined[-1]) if joined else 0
        if column and line.strip() and len(line) - len(line.lstrip()) == column and not joined[-1].endswith("\\"):
            joined[-1] += " " + line.strip()
        else:
            joined.append(line)
    return joined


def wrapped(row):
    """Lines that a page holds; commands stay whole."""
    column = second_column(row)
    if row.lstrip().startswith(("cpc-", "|", "$")) or len(row) <= (WIDTH - MARGIN if column else WIDTH):
        return [row]
    return textwrap.wrap(row, WIDTH - MARGIN, subsequent_indent=" " * column, break_long_words=False,
                         break_on_hyphens=False)


def literal(lines):
    """Lines that stay as they are, from the left margin that they have in common."""
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    shown = [piece for row in rows([line[margin:].replace("\t", "  ") for line in lines]) for piece in wrapped(row)]
    while not shown[-1]:
        shown.pop()
    # Long lines begin left of the text's margin, which the help's lines need not know of.
    left = max(0, min(MARGIN, max(map(len, shown)) - (WIDTH - MARGIN)))
    text = [".nf", *map(escaped, shown), ".fi"]
    return [".PP", *([f".in -{left}n", *text, f".in +{left}n"] if left else text)]


def discussion(text):
    """Paragraphs, sections under lines in capitals, and blocks of indented lines."""
    page, block = [], []
    for line in text.splitlines() + ["end"]:
        if line.startswith((" ", "\t")) or (block and not line.strip()):
            block.append(line)
            continue
        if block:
            page += literal(block)
            block = []
        if HEADING.fullmatch(line):
            page += [f".SH {escaped(line)}"]
        elif line.strip():
            page += [".PP", escaped(line)]
    return page[:-2]


def spelled(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def option(argument):
    """How it is written, as a list's tag shows it: -o, --output file."""
    value = "" if argument["kind"] == "flag" else " " + italic(argument["valueName"])
    if argument["kind"] == "positional":
        return value.strip() + (" ..." if argument["isRepeating"] else "")
    names = sorted(map(spelled, argument["names"]), key=len)
    return ", ".join(map(bold, names)) + value


def explained(argument):
    facts = []
    if values := argument.get("allValues"):
        facts.append("values: " + ", ".join(values))
    if default := argument.get("defaultValue"):
        facts.append("default: " + default)
    abstract = argument.get("abstract", "")
    # The parser's words, of two flags that do different things.
    if abstract == "Show help information.":
        abstract = "Show a screen with some flags (-h), or everything (--help)."
    text = " ".join([abstract, *([f"({'; '.join(facts)})"] if facts else [])]).strip()
    return [".TP", option(argument), *(escaped(line) for line in text.splitlines() if line)]


def synopsis(name, command, subcommands):
    shown = [bold(name)]
    if subcommands:
        shown.append(italic("command") if not command.get("defaultSubcommand") else f"[{italic('command')}]")
    arguments = [a for a in command.get("arguments", []) if a["shouldDisplay"]]
    shown.append(f"[{italic('options')}]")
    for argument in arguments:
        if argument["kind"] == "option" and not argument["isOptional"]:
            shown.append(f"{bold(spelled(argument['preferredName']))} {italic(argument['valueName'])}")
    for argument in arguments:
        if argument["kind"] == "positional":
            text = option(argument)
            shown.append(f"[{text}]" if argument["isOptional"] else text)
    if subcommands:
        shown.append("...")
    return " ".join(shown)


def options(command):
    page, sections = [], {}
    for argument in command.get("arguments", []):
        if argument["shouldDisplay"]:
            title = argument.get("sectionTitle") or ("ARGUMENTS" if argument["kind"] == "positional" else "OPTIONS")
            sections.setdefault(title, []).append(argument)
    for title in sorted(sections, key=lambda title: (title != "ARGUMENTS", title == "OPTIONS")):
        page.append(f".SH {escaped(title.upper())}")
        for argument in sections[title]:
            page += explained(argument)
    return page


def pages(name, command, others, heading):
    """(name, lines) of the command's page and those of its subcommands."""
    subcommands = [c for c in command.get("subcommands", []) if c["commandName"] != "help" and c["shouldDisplay"]]
    called = name.replace(" ", "-")
    page = [f'.TH {escaped(called.upper())} 1 {heading}', ".nh", ".ad l", ".SH NAME",
            f"{escaped(called)} \\- {escaped(command.get('abstract', '').rstrip('.'))}",
            ".SH SYNOPSIS", synopsis(name, command, subcommands)]
    body = discussion(command.get("discussion", ""))
    text, rest = body, []
    for i, line in enumerate(body):
        if line.startswith(".SH"):
            text, rest = body[:i], body[i:]
            break
    page += [".SH DESCRIPTION", escaped(command.get("abstract", "")), *text]
    if subcommands:
        page.append(".SH COMMANDS")
        for sub in subcommands:
            default = sub["commandName"] == command.get("defaultSubcommand")
            page += [".TP", bold(sub["commandName"]), escaped(sub.get("abstract", ""))]
            page += [".br", "Its name may be left out."] if default else []
            page += [".br", f"See {bold(called + '-' + sub['commandName'])}(1)."]
    page += options(command) + rest
    related = [called + "-" + sub["commandName"] for sub in subcommands] + [other for other in others if other != called]
    page += [".SH SEE ALSO", ", ".join(f"{bold(other)}(1)" for other in related)]
    yield called, [line for i, line in enumerate(page) if line != ".PP" or not page[i - 1].startswith(".SH")]
    for sub in subcommands:
        yield from pages(f"{name} {sub['commandName']}", sub, others, heading)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", nargs="+", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR", help="gets NAME.1 of each")
    parser.add_argument("--date", required=True, help="that the pages bear: 2026-01-31")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    others = sorted(tool.name for tool in given.tools)
    for tool in given.tools:
        def said(flag):
            return subprocess.run([tool, flag], check=True, capture_output=True, text=True).stdout
        heading = f'"{given.date}" "cpc-tools {said("--version").strip()}" "cpc-tools"'
        command = json.loads(said("--experimental-dump-help"))["command"]
        for name, page in pages(tool.name, command, others, heading):
            (given.output / f"{name}.1").write_text("\n".join(page) + "\n")


main()
