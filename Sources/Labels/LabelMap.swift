import Corpora
public import FileIO

/// Renames labels, for example IPA symbols: `FROM TO` on each line; `""` is the blank label.
public struct LabelMap: Sendable {
  private var targets: [String: String] = [:]

  public init(reading file: File) throws {
    let reader = LineReader(file, maximumLength: 1 << 16)
    while let line = try reader.next() {
      func bad(_ reason: String) -> Failure {
        Failure(.badInput, path: file.path, at: "line \(reader.line)", reason, hint: "FROM TO on each line")
      }
      guard let text = String(validating: line, as: UTF8.self) else { throw bad("not UTF-8") }
      let fields = text.split { $0 == " " || $0 == "\t" }.map { $0 == "\"\"" ? "" : String($0) }
      if fields.isEmpty { continue }
      guard fields.count == 2 else { throw bad("\(fields.count) fields") }
      guard targets.updateValue(fields[1], forKey: fields[0]) == nil else {
        throw bad("\(fields[0]) is there twice")
      }
    }
  }

  public func callAsFunction(_ track: LabelTrack) -> LabelTrack {
    var track = track
    switch track.content {
    case .intervals(let intervals):
      track.content = .intervals(intervals.map { $0.renamed(targets[$0.label] ?? $0.label) })
    case .frames(let labels, let grid):
      track.content = .frames(labels.map { $0.map { targets[$0] ?? $0 } }, grid)
    }
    return track
  }
}

extension PhoneInterval {
  func renamed(_ label: String) -> PhoneInterval {
    PhoneInterval(label: label, begin: beginText, end: endText) ?? self
  }
}
