public import FileIO

/// The classes of a label plane: a class's number is its place in ``names``. Sets of the same classes are equal, whatever
/// they are called.
public struct PhoneSet: Sendable, Equatable {
  public let name: String
  public let names: [String]
  private let classes: [Name: Int]

  /// - Parameter names: of a repeated name the first place counts.
  public init(name: String, names: [String]) {
    self.name = name
    self.names = names
    classes = Dictionary(names.enumerated().map { (Name($1), $0) }, uniquingKeysWith: { first, _ in first })
  }

  public static func == (a: PhoneSet, b: PhoneSet) -> Bool { a.names.elementsEqual(b.names) { isSame($0, $1) } }

  /// Silence, spoken noise and the 39 CMU phones, in the numbering of the labels that the authors of CPC published. It was
  /// recovered from those labels; they do not settle classes 1, 17 and 20, whose order is a convention of ours.
  public static let cmu41 = PhoneSet(
    name: "cmu41",
    names: [
      "SIL", "SPN", "S", "UW", "T", "N", "K", "Y", "Z", "AO", "AY", "SH", "W", "NG", "EY", "B", "CH", "OY", "JH", "D",
      "ZH", "G", "UH", "F", "V", "ER", "AA", "IH", "M", "DH", "L", "AH", "P", "OW", "AW", "HH", "AE", "R", "TH", "IY",
      "EH",
    ])

  /// The class of a phone as aligners spell it. What the set does not have is looked up without Kaldi's mark of the
  /// position in the word (`AH0_B`), then without stress (`AH0`); silence and spoken noise go by the names that MFA gives
  /// them.
  public func index(of phone: String) -> Int? {
    if let index = classes[Name(phone)] { return index }
    let bytes = phone.utf8
    if let mark = bytes.last, Self.positions.contains(mark), bytes.dropLast().last == UInt8(ascii: "_") {
      return index(of: String(phone.dropping(last: 2)))
    }
    if let digit = bytes.last, 0x30...0x39 ~= digit, let index = classes[Name(phone.dropping(last: 1))] { return index }
    return switch phone {
    case "", "sil", "sp": classes[Name("SIL")]
    case "spn": classes[Name("SPN")]
    default: nil
    }
  }

  private static let positions = Array("BIES".utf8)

  /// The class of a phone at `place`, or a `Failure` that names both.
  func index(of phone: String, at place: String) throws -> Int {
    if let index = index(of: phone) { return index }
    throw Failure(
      .badInput, at: "phone \(phone) \(place)", "not in the phone set \(name)",
      hint: Int(phone) == nil
        ? "\(setting: "phone_map") renames phones; cpc-shard add takes other sets with \(setting: "phone_set")"
        : "is it a number of Kaldi's phones.txt? \(setting: "kaldi_phones") FILE names it")
  }
}

extension PhoneSet {
  /// Every class and "no label" fit into 16 bits.
  public static let maximumCount = 65_535

  /// Reads a file as ``init(name:reading:)`` does; the set is called what the file is, without its ending.
  public init(contentsOf path: String) throws {
    let name = Folder.name(of: path)
    try self.init(name: name.divided(atLast: ".").map { String($0.head) } ?? name, reading: File.reading(path))
  }

  /// Reads a file with one class a line; a class's number is its line, from 0. Blank lines at the end are ignored.
  public init(name: String, reading file: File) throws {
    let reader = LineReader(file, maximumLength: 1 << 16)
    var names: [String] = []
    var lines: [Name: Int] = [:]
    while let bytes = try reader.next() {
      func bad(_ reason: String, hint: String = "one class a line, its number is its line") -> Failure {
        Failure(.badInput, path: file.path, at: "line \(reader.line)", reason, hint: hint)
      }
      guard let text = String(validating: bytes, as: UTF8.self).map({ trimmed($0) }) else { throw bad("not UTF-8") }
      if text.isEmpty {
        while let rest = try reader.next() { if !isBlank(rest) { throw bad("an empty line between classes") } }
        break
      }
      guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
        throw bad("\"\(text)\" holds a space or a control character")
      }
      if let earlier = lines.updateValue(reader.line, forKey: Name(text)) {
        throw bad("\"\(text)\" is in line \(earlier) too")
      }
      guard names.count < Self.maximumCount else { throw bad("more than \(Self.maximumCount) classes") }
      names.append(text)
    }
    guard !names.isEmpty else { throw Failure(.badInput, path: file.path, "an empty phone set") }
    self.init(name: name, names: names)
  }
}
