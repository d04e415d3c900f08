import FileIO
import OrderedJSON
import Reports
import TestSupport
import Testing

private let hasPython = (try? runProcess("/usr/bin/env", ["python3", "-c", "import html.parser"]).status) == 0

@Suite struct ReportTests {
  private func everything(_ folder: TemporaryFolder) throws -> [ReportInput] {
    let tsne: JSON = .object([
      "kind": .string("tsne"), "title": .string("t-SNE"), "names": .array([.string("84"), .string("<174>")]),
      "points": .array([[0, 1], [2, 3], [4, 5]].map { .array($0.map { .int($0) }) }),
      "labels": .array([.int(0), .int(1), .int(0)]),
    ])
    let abx: JSON = .object([
      "kind": .string("abx"), "title": .string("ABX of c"), "facts": .object([:]), "within": .number("0.113"),
      "across": .object(["error_percent": .number("15.9"), "cells": .int(7), "triples": .int(88)]),
      "definition": .string("every frame"), "cells": .int(12), "triples": .int(345),
    ])
    let hidden = probe(["probe": .string("hidden-layer"), "width": .int(1024), "title": .string("hidden")])
    let mixed = (1...2).map { seed in
      probe(
        ["accuracy": .number("0.\(50 + seed)"), "interval": .null],
        facts: ["negatives": .string("mixed-speaker"), "steps_ahead": .int(12), "seed": .int(seed)])
    }
    let same = probe(facts: ["negatives": .string("same-speaker"), "transductive": .string("yes")])
    let speaker = probe(facts: ["target": .string("speakers"), "features": .string("MFCC, stacked <b>")])
    return try readReportInputs(try makeRun(folder, "a")) + readReportInputs(try makeRun(folder, "b"))
      + inputs(tsne, abx, hidden, mixed[0], mixed[1], same, speaker)
  }

  @Test func thePageHasEverythingAndNeedsNothing() throws {
    let folder = try TemporaryFolder()
    let report = Report(try everything(folder), title: "Title & <more>")
    let page = try report.html(maker: "test")
    #expect(page.hasPrefix("<!doctype html>") && page.contains("<title>Title &amp; &lt;more&gt;</title>"))
    for text in [
      "2 runs, 5 probes, 1 ABX score, 1 picture.", "51.2 %", "50.0–52.5", "64.6 %", "72.5 %", "17.6 %", "65.5 %",
      "labels: cpc-align · 16 speakers · 2.16 h · 20000 updates · bf16", "one hidden layer of 1024",
      "transductive</span>",
      "<small>AH</small>", "51.5 %", "± 0.7", "11.3 %", "15.9 %", "chance, 1 of 129", "without SIL",
      "prefers-color-scheme:dark",
      "&lt;174&gt;", "MFCC, stacked &lt;b&gt;", "251 speakers, 100 h", "same-speaker",
      "32 channels", "2.00 h",
    ] { #expect(page.contains(text), "\(text)") }
    for text in ["<script", "http://fonts", "https:", "@import", "url(", "src=", "NaN", "nan"] {
      #expect(!page.contains(text), "\(text)")
    }
    #expect(try page == report.html(maker: "test"))
  }

  @Test(.enabled(if: hasPython, "no python3")) func everyElementOfThePageEnds() throws {
    let folder = try TemporaryFolder()
    try write(try Report(try everything(folder)).html(maker: "test"), to: folder("x.html"))
    let script = """
      import sys, html.parser
      class P(html.parser.HTMLParser):
        void = {"meta", "br"}; stack = []; ids = set()
        def handle_starttag(self, tag, attrs):
          if tag not in self.void: self.stack.append(tag)
          for key, value in attrs:
            if key == "id": assert value not in self.ids, value; self.ids.add(value)
        def handle_startendtag(self, tag, attrs): pass
        def handle_endtag(self, tag): assert self.stack.pop() == tag, (tag, self.getpos())
      p = P(); p.feed(open(sys.argv[1]).read()); p.close(); assert not p.stack, p.stack
      """
    let result = try runProcess("/usr/bin/env", ["python3", "-c", script, folder("x.html")])
    #expect(result.status == 0, "\(result.messages)")
  }

  @Test func plotsHaveTheNamesThatHelpLists() throws {
    let folder = try TemporaryFolder()
    let report = Report(try everything(folder))
    let names = report.plots.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.contains("recall-5") && names.contains("confusion") && names.contains("strategies"))
    let known = Report.plotNames.map(\.name)
    for name in names {
      let stem = name.split(separator: "-").last.flatMap { Int($0) } == nil ? name : String(name.dropLast(2))
      #expect(known.contains(stem), "\(name)")
      #expect(try report.svg(name).hasPrefix("<svg "))
    }
    let failure = try #require(failure { _ = try report.svg("x") })
    #expect(failure.kind == .usage && failure.description.contains("no plot 'x' (they make training-loss, "))
    #expect(failure.description.contains("tsne"))
  }

  @Test func ofSeveralProbesOfOneKindTheMeanAndDeviationStand() throws {
    let steps = [(2, "0.30"), (2, "0.34"), (12, "0.5")].map { count, accuracy in
      probe(["accuracy": .number(accuracy), "interval": .null], facts: ["steps_ahead": .int(count)])
    }
    let page = try Report(try inputs(steps[0], steps[1], steps[2])).html(maker: "")
    #expect(page.contains("<b>32.0 %</b>") && page.contains("± 2.8") && page.contains("28.5 %"))
    // One of a kind is no comparison.
    #expect(try !Report(try inputs(steps[2])).html(maker: "").contains("The paper's Table 2"))
  }

  @Test(
    arguments: [
      ("CPC c", "64.6 %"), ("random initialisation", "27.6 %"), ("MFCC 13 + Δ + ΔΔ", "39.7 %"),
      ("supervised", "74.6 %"),
      ("context of a CPC run", "64.6 %"), ("CPC z", nil), ("HuBERT layer 6", nil), ("z and c", nil), ("", nil),
    ] as [(String, String?)]) func thePaperStandsBesideItsOwnKindOfFeatures(features: String, accuracy: String?) throws
  {
    let page = try Report(try inputs(probe(facts: ["features": .string(features)]))).html(maker: "")
    let cell = try #require(page.firstMatch(of: /class="n paper">([^<]*)</))
    #expect(String(cell.1) == accuracy ?? "–")
  }

  @Test func sentencesStandBesideThePapers() throws {
    func result(_ set: String, _ features: String, _ accuracy: String, published: String) -> JSON {
      .object([
        "kind": .string("transfer"), "set": .string(set), "facts": .object(["features": .string(features)]),
        "accuracy": .number(accuracy), "deviation": .number("0.012"), "published": .number(published),
        "protocol_description": .string("ten folds"),
        "coverage": .object(["words": .int(200), "known_words": .int(150)]),
      ])
    }
    let report = Report(
      try inputs(
        result("MR", "mean of <random> vectors", "0.634", published: "0.769"),
        result("MR", "CPC", "0.701", published: "0.769"), result("CR", "CPC", "0.75", published: "0.801")))
    let html = try report.html(maker: "")
    for text in [
      "mean of &lt;random&gt; vectors", "63.4 %", "70.1 %", "75.0 %", "76.9 %", "80.1 %", "75.0 % of words",
      "ten folds",
    ] { #expect(html.contains(text), "\(text)") }
  }

  @Test func aRunThatIsNotReadyOrWentWrongIsShownAsFarAsItIs() throws {
    let folder = try TemporaryFolder()
    var log = someLog()
    log += #"{"type":"train","update":50,\#(metrics("null", [0.01, 0.002], candidates: 1024))}"# + "\n"
    log += #"{"type":"train","upda"#
    let report = Report(try readReportInputs(try makeRun(folder, "a", log: log)))
    #expect(report.notes.count == 2)
    #expect(report.notes[0].hasSuffix("log.jsonl: the last line is cut off, and left out"))
    #expect(report.notes[1].hasSuffix("log.jsonl: 1 lines whose loss is not finite are not drawn"))
    #expect(try report.html(maker: "").contains("not finite are not drawn"))
    // No line yet.
    let empty = Report(try readReportInputs(try makeRun(folder, "b", log: "")))
    #expect(empty.plots.isEmpty && empty.notes.isEmpty)
    #expect(try empty.html(maker: "").contains("<h2>Runs</h2>"))
  }

  @Test func longCurvesAreAveragedAndSaySo() throws {
    let folder = try TemporaryFolder()
    let report = Report(try readReportInputs(try makeRun(folder, "a", log: someLog(1000))))
    #expect(try report.html(maker: "").contains("A point is the mean of up to 4 lines of the log."))
    let svg = try report.svg("training-loss")
    #expect(try #require(svg.firstMatch(of: /class="l s0" d="([^"]*)"/)).1.filter { $0 == "L" }.count == 249)
    // From 0 on, a logarithmic axis has no place.
    let start = #"{"type":"train","update":0,\#(metrics("7", [0, 0], candidates: 2))}"# + "\n" + someLog()
    let logarithmic = Report(try readReportInputs(try makeRun(folder, "b", log: start)), isLogarithmic: true)
    #expect(try logarithmic.svg("training-loss").contains("updates, logarithmic"))
  }

  @Test func runsOfOneNameAreToldApartByTheirPaths() throws {
    let folder = try TemporaryFolder()
    let paths = try ["x", "y"].map { try makeRun(folder, "\($0)/run") }
    let report = Report(try paths.flatMap { try readReportInputs($0) })
    #expect(report.runs.map(\.name) == paths)
  }
}
