import CommandSupport
import FileIO
import Synchronization
import Testing

/// Progress as people and logs see it, on a clock that the test moves.
@Suite struct ConsoleTests {
  /// What a console wrote, and the time that it believes in.
  private final class Screen: Sendable {
    private let state = Mutex((seconds: 0.0, text: ""))
    var seconds: Double {
      get { state.withLock { $0.seconds } }
      set { state.withLock { $0.seconds = newValue } }
    }
    var text: String { state.withLock { $0.text } }
    var lines: [String] { text.split(separator: "\n").map { String($0) } }

    func console(quiet: Bool = false, _ style: ProgressStyle = .auto, isTerminal: Bool = false) -> Console {
      Console(
        name: "cpc-train", quiet: quiet, progress: style, isTerminal: isTerminal, clock: { self.seconds },
        put: { text in self.state.withLock { $0.text += text } })
    }
  }

  private func updates(_ done: Int, _ detail: String = "") -> Progress {
    Progress(done: done, total: 4000, unit: "updates", detail: detail)
  }

  @Test(
    arguments: [
      (1, nil, "lines", "1 line"), (2, nil, "lines", "2 lines"), (0, 1, "batches", "0/1 batch"),
      (1, 2, "utterances", "1/2 utterances"), (1, 1, "MiB", "1/1 MiB"), (0, nil, "windows", "0 windows"),
    ] as [(Int, Int?, String, String)])
  func oneIsNotMany(done: Int, total: Int?, unit: String, text: String) {
    var meter = ProgressMeter()
    let line = meter.measure(Progress(done: done, total: total, unit: unit), now: 0).line
    #expect(line.hasPrefix(text + " (") || line.hasPrefix(text + ","), "\(line)")
  }

  @Test func offATerminalLinesComeAtGrowingIntervals() {
    let screen = Screen()
    let console = screen.console()
    var times: [Int] = []
    for second in 0...1600 {
      screen.seconds = Double(second)
      let before = screen.lines.count
      console.show(updates(2 * second))
      if screen.lines.count > before { times.append(second) }
    }
    #expect(times == [10, 30, 70, 150, 310, 610, 910, 1210, 1510])
  }

  @Test func aLineSaysHowFarHowFastHowLong() {
    let screen = Screen()
    let console = screen.console()
    console.show(updates(1000))
    screen.seconds = 12
    console.show(updates(1024, "loss 6.93"))
    #expect(screen.text == "cpc-train: 1024/4000 updates (25 %), loss 6.93, 2.0 updates/s, 0:12 spent, 24:48 left\n")
  }

  @Test func slowWorkHasItsRateByTheMinuteOrTheHour() {
    for (done, rate) in [(1, "36.0 updates/h"), (5, "3.0 updates/min"), (50_000, "500 updates/s")] {
      let screen = Screen()
      let console = screen.console()
      console.show(Progress(done: 0, total: nil, unit: "updates"))
      screen.seconds = 100
      console.show(Progress(done: done, total: nil, unit: "updates"))
      #expect(screen.text == "cpc-train: \(done) \(done == 1 ? "update" : "updates"), \(rate), 1:40 spent\n")
    }
  }

  @Test func anotherUnitHasItsOwnTimeAndTheFirstGoesOn() {
    let screen = Screen()
    let console = screen.console()
    console.show(updates(0))
    screen.seconds = 5
    console.show(updates(100))
    for second in 6...35 {
      screen.seconds = Double(second)
      console.show(Progress(done: second - 6, total: 60, unit: "batches", detail: "validation"))
    }
    screen.seconds = 70
    console.show(updates(140))
    #expect(
      screen.lines == [
        "cpc-train: 4/60 batches (6 %), validation, 1.0 batches/s, 0:04 spent, 0:56 left",
        "cpc-train: 24/60 batches (40 %), validation, 1.0 batches/s, 0:24 spent, 0:36 left",
        "cpc-train: 140/4000 updates (3 %), 2.0 updates/s, 1:10 spent, 32:10 left",
      ])
  }

  @Test func workThatBeginsAgainIsMeasuredAnew() {
    let screen = Screen()
    let console = screen.console()
    for second in 0...9 {
      screen.seconds = Double(second)
      console.show(updates(second))
    }
    screen.seconds = 10
    console.show(updates(0))
    screen.seconds = 30
    console.show(updates(20))
    #expect(screen.lines.last == "cpc-train: 20/4000 updates (0 %), 1.0 updates/s, 0:20 spent, 1:06:20 left")
  }

  @Test(arguments: [ProgressStyle.auto, .bar, .lines, .none])
  func quietSilencesEveryStyle(style: ProgressStyle) {
    let screen = Screen()
    let console = screen.console(quiet: true, style, isTerminal: true)
    screen.seconds = 20
    console.show(updates(1))
    console.note("a note")
    #expect(screen.text == "")
    console.error("an error")
    #expect(screen.text == "an error\n")
  }

  @Test func theStyleIsThatOfTheTerminalUnlessOneIsChosen() {
    func output(_ style: ProgressStyle, isTerminal: Bool) -> String {
      let screen = Screen()
      let console = screen.console(style, isTerminal: isTerminal)
      screen.seconds = 20
      console.show(updates(1))
      return screen.text
    }
    func isBar(_ text: String) -> Bool { text.hasPrefix("\r\u{1b}[K[") && !text.contains("\n") }
    #expect(isBar(output(.auto, isTerminal: true)))
    #expect(isBar(output(.bar, isTerminal: false)))
    for text in [output(.auto, isTerminal: false), output(.lines, isTerminal: true)] {
      #expect(text == "cpc-train: 1/4000 updates (0 %), 0:00 spent\n")
    }
    #expect(output(.none, isTerminal: true) == "")
    #expect(output(.none, isTerminal: false) == "")
  }

  @Test func noBarStandsAmongResults() {
    let screen = Screen()
    screen.console(isTerminal: true).show(updates(1), besideResults: true)
    #expect(screen.text == "")
    let lines = screen.console()
    screen.seconds = 20
    lines.show(updates(1), besideResults: true)
    #expect(screen.lines.count == 1)
  }

  @Test func aNoteIsPrintedAboveTheBarAndTheEndRemovesIt() {
    let screen = Screen()
    let console = screen.console(isTerminal: true)
    console.show(Progress(done: 1, total: 2, unit: "files"))
    let bar = "[##########..........] 1/2 files, 0:00"
    #expect(screen.text == "\r\u{1b}[K" + bar)
    console.note("note")
    #expect(screen.text.hasSuffix("\r\u{1b}[Knote\n" + bar))
    console.finish()
    #expect(screen.text.hasSuffix(bar + "\r\u{1b}[K"))
  }

  @Test func whatATerminalWouldObeyIsShown() {
    let screen = Screen()
    let console = screen.console()
    screen.seconds = 10
    console.show(Progress(done: 1, total: nil, unit: "files", detail: "a\u{1b}[2Jb"))
    #expect(screen.text == "cpc-train: 1 file, a\\x1B[2Jb, 0:00 spent\n")
  }
}
