import FileIO
public import Labels

/// Words and their pronunciations, from a file.
///
/// A line is a word and its phones, separated by spaces or tabs (CMUdict, LibriSpeech, Kaldi, MFA). Further
/// pronunciations have lines of their own, with the same word or with `WORD(2)`. What follows ` #`, and lines that begin
/// with `;;;` or `# `, are comments; numbers between word and phones (MFA's and Kaldi's probabilities) are passed over
/// unless they are phones. Words are compared without case, and as the same however their letters are composed.
public struct Lexicon: Sendable {
  private var pronunciations: [String: [[UInt8]]] = [:]
  /// More pronunciations of a word are left out.
  static let mostVariants = 32

  /// - Parameters:
  ///   - phoneMap: what phones of the file become before they are looked up in the phone set.
  public init(contentsOf path: String, phoneSet: PhoneSet, phoneMap: PhoneMap = PhoneMap()) throws {
    let lines = LineReader(try File.reading(path))
    var known: [Name: [UInt8]] = [:]
    while let line = try lines.next() {
      guard let fields = Self.fields(line) else {
        throw Failure(.badInput, path: path, at: "line \(lines.line)", "not UTF-8")
      }
      guard let head = fields.first else { continue }
      guard fields.count > 1 else {
        throw Failure(.badInput, path: path, at: "line \(lines.line)", "'\(head)' has no phones")
      }
      let word = Self.withoutVariant(head).uppercased()
      var phones: [UInt8] = []
      let names = fields.dropFirst().drop { name in
        Self.isNumber(name) && phoneMap[name] == [name] && phoneSet.index(of: name) == nil
      }
      for name in names {
        if known[Name(name)] == nil {
          do { known[Name(name)] = try phoneMap.phones(for: name, in: phoneSet) } catch var failure as Failure {
            failure.path = path
            failure.position = "line \(lines.line)"
            throw failure
          }
        }
        phones += known[Name(name)]!
      }
      guard !phones.isEmpty else { continue }
      if pronunciations[word]?.contains(phones) != true, pronunciations[word, default: []].count < Self.mostVariants {
        pronunciations[word, default: []].append(phones)
      }
    }
    guard !pronunciations.isEmpty else { throw Failure(.badInput, path: path, "no word with phones in it") }
  }

  /// Distinct words.
  public var count: Int { pronunciations.count }

  /// The pronunciations of a word, in the order of the file; nil if it is not there.
  public subscript(word: String) -> [[UInt8]]? { pronunciations[word.uppercased()] }

  /// Nil if it is not UTF-8.
  private static func fields(_ line: [UInt8]) -> [String]? {
    if line.starts(with: Array(";;;".utf8)) { return [] }
    guard let text = String(validating: line, as: UTF8.self) else { return nil }
    let fields = text.pieces(at: " ", "\t", omittingEmpty: true).map { String($0) }
    // `#HASH-MARK` is a word, alone the mark begins a comment.
    if fields.first == "#" { return [] }
    guard let comment = fields.dropFirst().firstIndex(where: { $0.begins(with: "#") }) else { return fields }
    return Array(fields[..<comment])
  }

  private static func withoutVariant(_ word: String) -> Substring {
    guard word.hasSuffix(")"), let open = word.lastIndex(of: "("), open > word.startIndex,
      word[word.index(after: open)...].dropLast().allSatisfy({ "0"..."9" ~= $0 })
    else { return word[...] }
    return word[..<open]
  }

  /// Not what else may be a number to Swift, as `inf`.
  private static func isNumber(_ field: String) -> Bool {
    field.utf8.first.map { $0 == UInt8(ascii: ".") || 0x30...0x39 ~= $0 } == true && Double(field) != nil
  }
}

extension PhoneMap {
  /// The classes of a phone of a lexicon; stress digits need not be mapped.
  fileprivate func phones(for name: String, in set: PhoneSet) throws -> [UInt8] {
    try self[name].map { target in
      guard let phone = set.index(of: target).flatMap({ UInt8(exactly: $0) }) else {
        throw Failure(
          .badInput, "the phone '\(target)' is not in the phone set \(set.name)",
          hint: "\(setting: "phone_map") renames phones, \(setting: "phone_set") FILE gives another set")
      }
      return phone
    }
  }
}
