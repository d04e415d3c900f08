import FileIO

/// Renames phones, for example IPA symbols: a file with `FROM TO…` on each line, where `""` is the blank label.
///
/// In a lexicon a phone may become several, or none. In an alignment it may become one, or none, which leaves its time
/// without a label; of several nobody knows where they begin.
public struct PhoneMap: Sendable {
  private var targets: [Name: [String]] = [:]

  /// Renames nothing.
  public init() {}

  init(_ entries: [(from: String, to: [String])]) {
    for (from, to) in entries { targets[Name(from)] = to }
  }

  public init(contentsOf path: String) throws {
    let reader = LineReader(try File.reading(path), maximumLength: 1 << 16)
    while let line = try reader.next() {
      func bad(_ reason: String) -> Failure {
        Failure(.badInput, path: path, at: "line \(reader.line)", reason, hint: "FROM TO… on each line")
      }
      guard let text = String(validating: line, as: UTF8.self) else { throw bad("not UTF-8") }
      let fields = text.pieces(at: " ", "\t", omittingEmpty: true).map { isSame($0, "\"\"") ? "" : String($0) }
      guard let from = fields.first else { continue }
      guard targets.updateValue(Array(fields.dropFirst()), forKey: Name(from)) == nil else {
        throw bad("'\(from)' is mapped a second time")
      }
    }
  }

  /// What a phone becomes.
  public subscript(phone: String) -> [String] { targets[Name(phone)] ?? [phone] }

  /// The track with its labels renamed; a `Failure` of kind `badInput` where one would become several.
  public func callAsFunction(_ track: LabelTrack) throws -> LabelTrack {
    func renamed(_ label: String) throws -> String? {
      let names = self[label]
      guard names.count <= 1 else {
        throw Failure(
          .badInput, "the phone map makes '\(label)' into '\(names.joined(separator: " "))'",
          hint: "only in a lexicon may a phone become several: an alignment has one time for it")
      }
      return names.first
    }
    var track = track
    switch track.content {
    case .intervals(let intervals):
      track.content = .intervals(
        try intervals.compactMap { interval in
          guard let label = try renamed(interval.label) else {
            track.mends.unmapped += 1
            return nil
          }
          return PhoneInterval(label: label, begin: interval.beginText, end: interval.endText)
        })
    case .frames(let labels, let grid):
      track.content = .frames(try labels.map { try $0.flatMap(renamed) }, grid)
    }
    return track
  }
}
