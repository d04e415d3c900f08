import FileIO
import Plots
import TestSupport
import Testing

/// One of each kind, with names that are markup.
private func charts() -> [any Chart] {
  let hostile = "<b>&\"'é\u{1}😀</b>"
  let line = LineChart(
    "Loss \(hostile)", xLabel: "updates", yLabel: "loss",
    [
      .init("a \(hostile)", (1...50).map { (Double($0), 7 / Double($0)) }),
      .init("b", (1...5).map { (Double($0), 3) }, band: (1...5).map { 3 - Double($0)...3 + Double($0) }),
      .init("paper", [(1, 2), (50, 1)], isReference: true),
    ], levels: [(hostile, 6.9)])
  let bars = BarChart(
    "Bars", valueLabel: hostile,
    [.init(hostile, 0.5, interval: 0.4...0.61, reference: 0.646), .init("MFCC", 0.397, group: 1)], unit: .percent,
    referenceName: "paper")
  var generator = SeededGenerator(1)
  let scatter = ScatterChart(
    "Points", (0..<500).map { _ in (.random(in: -9...9, using: &generator), .random(in: 0...1, using: &generator)) },
    classes: (0..<500).map { $0 % 3 }, names: ["a", hostile, "c", "nobody"])
  let heat = HeatMap(
    "Confusion", rowLabel: "spoken", columnLabel: "heard", rows: ["SIL", hostile, "none"], columns: ["SIL", hostile],
    values: [[1, 0], [0.25, 0.75], []])
  return [line, bars, scatter, heat]
}

private func parse(_ svg: String) throws -> (status: Int, messages: String) {
  let folder = try TemporaryFolder()
  let file = try File.writing(folder("x.svg"))
  try file.write(svg)
  try file.close()
  let script = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])"
  let result = try runProcess("/usr/bin/env", ["python3", "-c", script, folder("x.svg")])
  return (result.status, result.messages)
}

private let hasPython = (try? runProcess("/usr/bin/env", ["python3", "-c", "import xml.dom.minidom"]).status) == 0

@Suite struct PlotsTests {
  @Test(.enabled(if: hasPython, "no python3 with an XML parser"), arguments: [true, false])
  func everyPictureIsXML(isStandalone: Bool) throws {
    for chart in charts() {
      let result = try parse(try chart.svg(isStandalone: isStandalone))
      #expect(result.status == 0, "\(chart.title): \(result.messages)")
    }
    #expect(try parse("<svg><b></svg>").status != 0)
  }

  @Test func whatStandsInTextIsNoMarkup() throws {
    for chart in charts() {
      let svg = try chart.svg()
      #expect(!svg.contains("<b>") && !svg.contains("\u{1}") && svg.contains("&lt;b&gt;&amp;&quot;&#39;é\u{fffd}"))
    }
    #expect(escaped("a\nb\u{0}\u{ffff}") == "a b\u{fffd}\u{fffd}")
  }

  @Test func everyPictureSaysWhatItShowsAndIsTheSameEachTime() throws {
    for chart in charts() {
      let svg = try chart.svg()
      #expect(
        svg.contains("role=\"img\" aria-label=\"\(escaped(chart.title))\"")
          && svg.contains("<title>\(escaped(chart.title))</title>"))
      #expect(svg.contains("prefers-color-scheme:dark"))
      #expect(try svg == chart.svg())
      let embedded = try chart.svg(isStandalone: false)
      #expect(
        !embedded.contains("<style>") && !embedded.contains("http://www.w3.org/1999") && !embedded.contains("href"))
    }
  }

  /// The labels along the vertical axis, from below.
  private func labels(_ values: [Double], unit: Plots.Unit = .plain) throws -> [String] {
    let chart = LineChart(
      "t", xLabel: "", yLabel: "y", [.init("s", values.enumerated().map { (Double($0), $1) })], unit: unit)
    return try chart.svg().matches(of: /<text class="m" text-anchor="end"[^>]*>([^<]*)</).map { String($0.1) }
  }

  @Test func ticksAreOneTwoOrFiveTimesAPowerOfTen() throws {
    #expect(try labels([0, 1]) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(try labels([0.2, 0.646], unit: .percent) == ["20 %", "30 %", "40 %", "50 %", "60 %", "70 %"])
    #expect(try labels([2.31, 6.93]) == ["2", "3", "4", "5", "6", "7"])
    #expect(try labels([-3, 12]) == ["−5", "0", "5", "10", "15"])
    #expect(try labels([0, 300_000]) == ["0", "100,000", "200,000", "300,000"])
    #expect(try labels([0, 4.1e7]) == ["0", "1e7", "2e7", "3e7", "4e7", "5e7"])
    #expect(try labels([0, 3e-7]) == ["0", "1e-7", "2e-7", "3e-7"])
    #expect(
      try labels([0.4995, 0.5005], unit: .percent) == [
        "49.94 %", "49.96 %", "49.98 %", "50.00 %", "50.02 %", "50.04 %", "50.06 %",
      ])
  }

  @Test func equalValuesAndOnePointHaveRoom() throws {
    #expect(try labels([5]) == ["2", "3", "4", "5", "6", "7", "8"])
    #expect(try labels([0, 0, 0]) == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(try labels([-1e-300]).count > 2)
    #expect(try labels([1e15, 1e15 + 1]).count > 1)
    let point = ScatterChart("p", [(3, 3), (3, 3)], classes: [0, 0], names: ["a"])
    #expect(try point.svg().contains("M2400 "))
    for points in [[(0.0, 1.0), (0, 9)], [(1, 0), (9, 0)]] {
      let line = try ScatterChart("p", points, classes: [0, 0], names: ["a"]).svg()
      #expect(line.contains("h0") && !line.contains("nan"))
    }
    for text in [try BarChart("b", valueLabel: "v", [.init("zero", 0)]).svg(), try point.svg()] {
      #expect(!text.contains("nan") && !text.contains("inf"))
    }
  }

  @Test func logarithmicAxesHaveDecades() throws {
    func chart(_ xs: [Double]) -> LineChart {
      LineChart("t", xLabel: "x", yLabel: "", [.init("s", xs.map { ($0, 1) })], isLogarithmic: true)
    }
    let labels = try chart([1, 1e6]).svg().matches(of: /text-anchor="middle"[^>]*>([0-9.,e]+)</).map { String($0.1) }
    #expect(labels == ["1", "10", "100", "1000", "10,000", "100,000", "1e6"])
    let few = try chart([0.05, 0.6]).svg().matches(of: /text-anchor="middle"[^>]*>([0-9.,e]+)</).map { String($0.1) }
    #expect(few == ["0.05", "0.1", "0.2", "0.5"])
    #expect(try chart([7]).svg().contains("<text"))
    #expect(
      failure { _ = try chart([1, 0]).svg() }?.reason == "t: s, point 2: 0.0 cannot be drawn on a logarithmic axis")
  }

  @Test func whatCannotBeDrawnIsNamed() throws {
    func reason(_ chart: any Chart) -> String? { failure { _ = try chart.svg() }?.reason }
    func line(_ y: Double) -> LineChart { LineChart("t", xLabel: "", yLabel: "", [.init("s", [(1, 1), (2, y)])]) }
    #expect(reason(line(.nan)) == "t: s, point 2: nan cannot be drawn")
    #expect(reason(line(.infinity)) == "t: s, point 2: inf cannot be drawn")
    #expect(reason(line(1e200)) == "t: s, point 2: 1e+200 cannot be drawn")
    #expect(reason(LineChart("t", xLabel: "", yLabel: "", [.init("s", [])])) == "t: there is nothing to draw")
    #expect(reason(BarChart("t", valueLabel: "", [.init("b", .nan)])) == "t: b: nan cannot be drawn")
    #expect(reason(BarChart("t", valueLabel: "", [])) == "t: there is nothing to draw")
    #expect(reason(ScatterChart("t", [(1, .nan)], classes: [0], names: ["a"])) == "t: point 1: nan cannot be drawn")
    #expect(reason(ScatterChart("t", [(1, 1)], classes: [1], names: ["a"])) == "t: point 1 has label 1 of 1 names")
    #expect(reason(ScatterChart("t", [(1, 1)], classes: [], names: ["a"])) == "t: 1 points have 0 labels")
    let many = [(x: Double, y: Double)](repeating: (0, 0), count: 20_001)
    #expect(
      reason(ScatterChart("t", many, classes: many.map { _ in 0 }, names: ["a"]))?.contains("20001 points, more than")
        == true)
    func heat(_ values: [[Double]]) -> HeatMap {
      HeatMap("t", rowLabel: "", columnLabel: "", rows: ["r"], columns: ["c", "d"], values: values)
    }
    #expect(reason(heat([[0, 1.5]])) == "t: 1.5 in the row of r is no fraction")
    #expect(reason(heat([[0, .nan]])) == "t: nan in the row of r is no fraction")
    #expect(reason(heat([[0]])) == "t: the row of r has 1 cells, not 2")
    #expect(reason(heat([])) == "t: 0 rows have 1 names")
  }

  @Test func pointsOfOneClassAreOnePathAndSmall() throws {
    var generator = SeededGenerator(2)
    let points = (0..<20_000).map { _ in
      (x: Double.random(in: -50...50, using: &generator), y: Double.random(in: -50...50, using: &generator))
    }
    let chart = ScatterChart("t", points, classes: points.indices.map { $0 % 41 }, names: (0..<41).map { "p\($0)" })
    let svg = try chart.svg()
    #expect(svg.matches(of: /<path class="d s/).count == 41)
    #expect(svg.utf8.count < 300_000)
    #expect(svg.contains("p7: 488 points"))
  }

  /// 251 speakers: a cell is two units wide, and a name takes eleven.
  @Test func ofManyNamesThereAreAsManyAsHaveRoom() throws {
    let names = (0..<251).map { "s\($0)" }
    let values = names.indices.map { i in names.indices.map { $0 == i ? 1.0 : 0 } }
    let svg = try HeatMap("t", rowLabel: "", columnLabel: "", rows: names, columns: names, values: values).svg()
    #expect(svg.contains(">s0<") && svg.contains(">s5<") && !svg.contains(">s1<"))
    #expect(svg.utf8.count < 20_000)
  }

  @Test func linesBeyondTheColoursAreDashed() throws {
    let series = (0..<12).map { i in LineChart.Series("run \(i)", [(0, Double(i)), (1, Double(i))]) }
    let svg = try LineChart("t", xLabel: "", yLabel: "", series).svg()
    // Each once in the legend and once as a line.
    #expect(
      svg.matches(of: /class="l s1"/).count == 4 && svg.matches(of: /class="l s1" stroke-dasharray="7 5"/).count == 2)
  }

  @Test func namesOfClassesDoNotCoverEachOther() throws {
    let points = (0..<400).map { (x: Double($0 % 20), y: Double($0 / 20)) }
    let chart = ScatterChart("t", points, classes: points.indices.map { $0 % 5 }, names: ["a", "b", "c", "d", "e"])
    let places = try chart.svg().matches(of: /class="halo small"[^>]* x="([0-9.]+)" y="([0-9.]+)"/).map {
      (Double($0.1)!, Double($0.2)!)
    }
    #expect(places.count == 5)
    for (i, a) in places.enumerated() {
      for b in places[..<i] { #expect(abs(a.0 - b.0) > 10 || abs(a.1 - b.1) > 12) }
    }
  }

  @Test func numbersAreShownAsPeopleReadThem() {
    #expect(fixed(-0.004, 2) == "0.00" && fixed(-1.5, 1) == "−1.5" && fixed(12345.678, 1) == "12,345.7")
    #expect(fixed(0.05, 1) == "0.1" && fixed(99.96, 1) == "100.0" && fixed(3, 0) == "3")
    #expect(fixed(.nan, 1) == "nan" && fixed(1e300, 2) == "1e+300")
  }
}
