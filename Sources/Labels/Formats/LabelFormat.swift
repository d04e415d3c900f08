import FileIO

/// The formats of alignments.
public enum LabelFormat: String, CaseIterable, Sendable {
  /// JSON Lines with `id` and `phones` or `cells`: ``LabelLines``, a manifest for example.
  case jsonl
  /// The CPC authors' labels: an id and a number of a class for every frame.
  case cpc
  /// `ali-to-phones --per-frame`: an id and a phone for every frame, numbers of `phones.txt` or names.
  case kaldi
  case ctm
  case textgrid
  /// JSON of the Montreal Forced Aligner.
  case mfaJSON = "mfa-json"
  /// TIMIT's `.PHN`.
  case timit

  /// A file holds one utterance, and its name without what follows the last point is the utterance's id.
  public var isOneUtterance: Bool { [.textgrid, .mfaJSON, .timit].contains(self) }

  /// Words have a place beside the phones.
  public var holdsWords: Bool { [.jsonl, .textgrid, .mfaJSON].contains(self) }

  /// What a file of one utterance is called.
  public var fileExtension: String {
    switch self {
    case .textgrid: "TextGrid"
    case .mfaJSON: "json"
    case .jsonl: "jsonl"
    case .ctm: "ctm"
    case .cpc, .kaldi: "txt"
    case .timit: "PHN"
    }
  }

  /// The format that the first bytes of a file show, nil if none.
  ///
  /// - Parameters:
  ///   - name: its extension settles what the content leaves open.
  ///   - hasSymbols: there is a `phones.txt`: numbers are of its phones.
  static func detect(head: [UInt8], name: String, hasSymbols: Bool) -> LabelFormat? {
    let ending = name.divided(atLast: ".")?.tail.asciiLowercased ?? ""
    let isUTF16 = head.starts(with: [0xfe, 0xff]) || head.starts(with: [0xff, 0xfe])
    // Zero bytes apart, UTF-16 shows its ASCII characters.
    var text = isUTF16 ? head.dropFirst(2).filter { $0 != 0 } : head
    if text.starts(with: byteOrderMark) { text.removeFirst(byteOrderMark.count) }
    text = Array(text.drop { $0 <= 0x20 })
    if text.starts(with: Array("File type".utf8)) || text.starts(with: Array("\"ooTextFile".utf8)) { return .textgrid }
    if text.first == UInt8(ascii: "{") {
      return ending != "jsonl" && isDocument(text) ? .mfaJSON : .jsonl
    }
    switch ending {
    case "textgrid": return .textgrid
    case "json": return .mfaJSON
    case "jsonl": return .jsonl
    case "ctm": return .ctm
    case "phn": return .timit
    default: return isUTF16 ? nil : detect(lines: text, hasSymbols: hasSymbols)
    }
  }

  /// Whether a JSON object has `tiers` rather than an `id`, as far as its beginning shows.
  private static func isDocument(_ text: [UInt8]) -> Bool {
    let text = String(decoding: text, as: UTF8.self)
    guard let id = text.firstRange(of: "\"id\"") else { return true }
    return text.firstRange(of: "\"tiers\"").map { $0.lowerBound < id.lowerBound } ?? false
  }

  /// `UTTERANCE CHANNEL BEGIN DURATION PHONE [CONFIDENCE [TYPE [SPEAKER]]]`, by its form.
  private static func isCTM(_ fields: [String]) -> Bool {
    CTMLines.fieldCounts.contains(fields.count) && Double(fields[2]) != nil && Double(fields[3]) != nil
  }

  private static func detect(lines text: [UInt8], hasSymbols: Bool) -> LabelFormat? {
    var lines = text.split { $0 == 0x0a || $0 == 0x0d }
    // The last line that the head holds may be cut off; a long line of frames shows itself all the same.
    if lines.count > 1, text.last != 0x0a, text.last != 0x0d { lines.removeLast() }
    let rows = lines.lazy.filter { !$0.starts(with: Array(";;".utf8)) }.map {
      $0.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
    }
    guard let fields = rows.first, fields.count >= 2 else { return nil }
    // A line of a few frames looks like one of a CTM in whole seconds, so a decimal point or a phone's name must settle it.
    if isCTM(fields),
      rows.contains(where: {
        isCTM($0) && ($0[2...3].contains { $0.utf8.contains(UInt8(ascii: ".")) } || Int($0[4]) == nil)
      })
    {
      return .ctm
    }
    if hasSymbols { return .kaldi }
    // The last field may be cut off by the end of the head, which leaves it a number.
    let labels = fields.dropFirst()
    return labels.allSatisfy { Int($0) != nil } ? .cpc : .kaldi
  }
}
