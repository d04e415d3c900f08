#!/usr/bin/env python3
"""Checks Tools/graph on a package of its own: what is sound passes, and each fault is named.

    check_graph.py TOOLS_GRAPH
"""
import pathlib, re, subprocess, sys, tempfile

graph = pathlib.Path(sys.argv[1]).resolve()
failed = 0

PACKAGE = """// swift-tools-version: 6.2
import PackageDescription
let package = Package(name: "house", targets: [
  .executableTarget(name: "tool", dependencies: ["Upper", "Lower"%(tool)s]),
  .executableTarget(name: "other", dependencies: ["Upper"]),
  .target(name: "Upper", dependencies: ["Lower"%(upper)s]),
  .target(name: "Beside", dependencies: ["Lower"]),
  .target(name: "Lower", dependencies: ["CLower", "CLinked"%(lower)s]),
  .target(name: "CLower"),
  .systemLibrary(name: "CLinked"),
  .testTarget(name: "UpperTests", dependencies: ["Upper", "Helpers"%(tests)s]),
  .target(name: "Helpers", path: "Tests/Helpers"),
])
"""
SOURCES = {
    "Sources/tool/main.swift": "import Upper\nimport Lower\n",
    "Sources/other/main.swift": "import Upper\n",
    "Sources/Upper/Upper.swift": """// All of Sources/*.
// import Beside
/*
import Beside // */
public import struct Lower.Value
let (address, text) = ("https://", #\"""
  import Beside
  \"""#)
""",
    "Sources/Beside/Beside.swift": "@_exported import Lower\n",
    "Sources/Lower/Lower.swift": "internal import CLower\nimport CLinked\n// dlopen(\nlet file = \"libsome.so.1\"\n",
    "Sources/CLower/lower.c": "int lower(void) { return 1; }\n",
    "Sources/CLower/include/lower.h": "int lower(void);\n",
    "Sources/CLinked/module.modulemap": 'module CLinked [system] {\n  header "shim.h"\n  link "linked"\n}\n',
    "Sources/CLinked/shim.h": "",
    "Tests/UpperTests/Tests.swift": "@testable import Upper\nimport Helpers\n" + "//\n" * 400,
    "Tests/Helpers/Helpers.swift": "//\n",
}


def run(declared={}, files={}, *flags):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for path, text in {**SOURCES, **files}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        names = {"tool": "", "upper": "", "lower": "", "tests": "", **declared}
        (folder / "Package.swift").write_text(PACKAGE % names)
        return subprocess.run([graph, "--package", folder, *flags], capture_output=True, text=True)


def check(name, good, result):
    global failed
    failed += not good
    print(f"{'ok' if good else 'FAILED'}: {name}" + ("" if good else f"\n{result.stdout}{result.stderr}"))


sound = run()
check("a sound package", sound.returncode == 0 and not sound.stderr, sound)
layers = {name: int(layer) for layer, name in re.findall(r"^ +(\d+)  (\w+)", sound.stdout, re.M)}
check("its layers", layers == {"tool": 3, "other": 3, "Upper": 2, "Beside": 2, "Lower": 1, "CLower": 0}, sound)
check("system libraries", re.search(r"^  tool +linked; at run time some$", sound.stdout, re.M), sound)
check("arrows", "7 arrows, 0 that point up or sideways" in sound.stdout, sound)
picture = run({}, {}, "--svg")
check("a picture", picture.returncode == 0 and all(f">{name}</text>" in picture.stdout for name in layers), picture)
# tool and other to Upper, Upper and Beside to Lower, Lower to CLower: what follows from others is left out.
check("no arrows in it that follow from others", picture.stdout.count("<path ") == 5, picture)

faults = [
    ("an arrow up", {"lower": ', "Beside"'}, {"Sources/Lower/More.swift": "import Beside\n"},
     "Lower depends on Beside, which stands above it"),
    ("a circle", {"lower": ', "Upper"'}, {"Sources/Lower/More.swift": "import Upper\n"},
     "Lower depends on Upper, which stands above it"),
    ("a tool that depends on a tool", {"tool": ', "other"'},
     {"Sources/tool/more.swift": "import other\n"}, "tool depends on other, which is no library"),
    ("a library that depends on what the tests share", {"upper": ', "Helpers"'},
     {"Sources/Upper/More.swift": "import Helpers\n"}, "Upper depends on Helpers, which is no library"),
    ("a dependency that is not used", {"upper": ', "Beside"'}, {},
     "Upper declares Beside, which none of its files imports"),
    ("one of the tests", {"tests": ', "Lower"'}, {}, "UpperTests declares Lower, which none of its files imports"),
    ("one that is not declared", {}, {"Sources/Upper/More.swift": "package import Beside\n"},
     "Upper does not declare Beside, which Sources/Upper/More.swift imports"),
    ("one declared twice", {"upper": ', "Lower"'}, {}, "Upper declares Lower twice"),
    ("a long file", {}, {"Sources/Upper/Long.swift": "//\n" * 300 + "//"}, "Sources/Upper/Long.swift has 301 lines"),
    ("a long file of C", {}, {"Sources/CLower/long.c": "//\n" * 301}, "Sources/CLower/long.c has 301 lines"),
    ("an old picture", {}, {"Sources/Guide.docc/Resources/house.svg": "<svg/>"}, "house.svg is out of date"),
    ("a long module", {}, {f"Sources/Beside/{i}.swift": "//\n" * 300 for i in range(10)}, "Beside has 3,001 lines"),
]
for name, declared, files, words in faults:
    result = run(declared, files)
    check(name, result.returncode == 1 and result.stderr.count("\n") == 1 and words in result.stderr, result)
broken = run({"tool": "]"})
check("a manifest that cannot be read", broken.returncode == 1 and "dump-package failed" in broken.stderr, broken)
exact = run({}, {"Sources/Upper/Long.swift": "//\n" * 300})
check("a file of just the most", exact.returncode == 0, exact)
sys.exit(1 if failed else 0)
