#!/usr/bin/env python3
"""Types at bash, zsh and fish and presses the tab key: subcommands, flags and choices must be completed.

    check_completions.py BIN [--shell NAME]... [--tool NAME]...

BIN is a folder of the tools. Each shell runs in a terminal of its own, with the completions that the tools generate where the
shell looks for them and without anybody's settings. Every subcommand, every flag and every value of a flag with choices is
typed without its last letter; what stands in the line after the tab key must be the whole word and a blank. Words that stay
ambiguous without their last letter are counted and left out. A shell that is not installed is named and left out.
"""
import argparse, json, os, pathlib, pty, select, shutil, subprocess, sys, tempfile, time

import dataset

TOOLS = [f"cpc-{name}" for name in "scan split align shard inspect cat train embed probe report".split()]
parser = argparse.ArgumentParser()
parser.add_argument("bin", type=pathlib.Path)
parser.add_argument("--shell", action="append", choices=["bash", "zsh", "fish"])
parser.add_argument("--tool", action="append", choices=TOOLS)
options = parser.parse_args()
tally = dataset.Tally("check_completions")

# Control-X control-P appends the line to the file; what the shells read when they start.
START = {
    "bash": """
for script in {folder}/bash/*; do . "$script"; done
PS1='$ '
bind 'set completion-query-items 0'
bind 'set bell-style none'
bind 'set page-completions off'
show() {{ printf '%s\\n' "$READLINE_LINE" >>{folder}/lines; }}
bind -x '"\\C-x\\C-p": show'
""",
    "zsh": """
fpath=({folder}/zsh $fpath)
autoload -Uz compinit && compinit -u -d {folder}/zcompdump
PS1='$ '
unsetopt beep list_beep
LISTMAX=100000
show() {{ print -r -- "$BUFFER" >>{folder}/lines }}
zle -N show
bindkey -e
bindkey '^X^P' show
""",
    "fish": """
set -p fish_complete_path {folder}/fish
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function fish_prompt; echo '$ '; end
bind \\cx\\cp 'commandline >>{folder}/lines'
""",
}


class Shell:
    """An interactive shell on a pseudo-terminal."""

    def __init__(self, name, folder):
        self.lines = folder / "lines"
        self.lines.write_text("")
        start = folder / f"start.{name}"
        start.write_text(START[name].format(folder=folder))
        command = {"bash": ["bash", "--noprofile", "--rcfile", start, "-i"], "zsh": ["zsh", "-d", "-i"],
                   "fish": ["fish", "--no-config", "-i", "-C", f"source {start}"]}[name]
        home = folder / f"home-{name}"
        home.mkdir()
        if name == "zsh":
            (home / ".zshrc").write_text(start.read_text())
        environment = {"HOME": str(home), "ZDOTDIR": str(home), "TERM": "xterm", "LANG": "C.UTF-8",
                       "PATH": f"{options.bin.resolve()}:/usr/bin:/bin"}
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(home)
            os.execvpe(command[0], [str(word) for word in command], environment)
        self.read = 0
        # The first answer comes when the shell has started.
        self.said = b""
        if self.line("true", tab=False, seconds=60) != "true":
            sys.exit(f"check_completions: {name} does not start: {self.said[-500:]!r}")

    def line(self, typed, tab=True, seconds=20):
        """What stands in the line after the text, and the tab key, have been typed."""
        # Away with whatever the last line left: its rest, a list of candidates.
        os.write(self.terminal, b"\x15" + typed.encode() + (b"\t" if tab else b"") + b"\x18\x10")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.005)[0]:
                self.said = (self.said + os.read(self.terminal, 1 << 16))[-5000:]
            written = self.lines.read_bytes()
            if len(written) > self.read and written.endswith(b"\n"):
                line = written[self.read:-1].decode()
                self.read = len(written)
                return line
        return None

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def commands(command, path):
    """The commands of a tool, each with the words that lead to it."""
    yield path, command
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield from commands(sub, path + [sub["commandName"]])


def words(tool):
    """What can be typed: the words before, all words that are possible there, and what they are."""
    dump = subprocess.run([options.bin / tool, "--experimental-dump-help"], check=True, capture_output=True).stdout
    for path, command in commands(json.loads(dump)["command"], [tool]):
        names = [sub["commandName"] for sub in command.get("subcommands", [])]
        # Tools without subcommands have help as a word of their own, which nobody needs to be told.
        if names != ["help"] and names:
            yield path, names, "subcommand"
        arguments = [each for each in command.get("arguments", []) if each.get("shouldDisplay", True)]
        flags = [f"--{name['name']}" for each in arguments for name in each.get("names", []) if name["kind"] == "long"]
        yield path, flags, "flag"
        for each in arguments:
            values = each.get("allValues") or each.get("completionKind", {}).get("list", {}).get("values") or []
            if values and each["kind"] == "option":
                yield path + [f"--{each['preferredName']['name']}"], values, "value"


with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    for shell, name in (("bash", "{}"), ("zsh", "_{}"), ("fish", "{}.fish")):
        (folder / shell).mkdir()
        for tool in TOOLS:
            script = subprocess.run([options.bin / tool, "--generate-completion-script", shell], check=True,
                                    capture_output=True).stdout
            (folder / shell / name.format(tool)).write_bytes(script)
    for name in options.shell or ["bash", "zsh", "fish"]:
        if not shutil.which(name):
            print(f"skipped: {name} is not installed")
            continue
        shell = Shell(name, folder)
        counts, ambiguous = {}, 0
        for tool in options.tool or TOOLS:
            for path, possible, kind in words(tool):
                for word in possible:
                    typed = word[:-1]
                    if typed.lstrip("-") == "" or any(other != word and other.startswith(typed) for other in possible):
                        ambiguous += 1
                        continue
                    line = " ".join(path + [typed])
                    found = shell.line(line)
                    tally.check(found == " ".join(path + [word]) + " ", f"{name}: {line}⇥ gives {found!r}")
                    counts[kind] = counts.get(kind, 0) + 1
        shell.close()
        print(f"{name}: " + ", ".join(f"{count} {kind}s" for kind, count in counts.items())
              + f"; {ambiguous} words left out as ambiguous")
tally.close()
