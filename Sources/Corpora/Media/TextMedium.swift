import Archives
import Audio
import FileIO
import Layouts
public import Manifests
import OrderedJSON
public import Text

/// How a text is read.
public struct TextFormat: Sendable, Equatable {
  public var kind: TextKind
  public var encoding: TextEncoding

  static let kindKey = "format"
  static let encodingKey = "encoding"

  public init(kind: TextKind, encoding: TextEncoding) {
    self.kind = kind
    self.encoding = encoding
  }

  /// As a manifest says it under `format` and `encoding`; what it does not say is as in `other`.
  public init(_ entry: ManifestEntry, or other: TextFormat) throws {
    self = other
    if let value = entry.extra[Self.kindKey] {
      guard let kind = value.stringValue.flatMap(TextKind.init(rawValue:)) else {
        throw Failure(
          .badInput, path: entry.source, "'\(Self.kindKey)' is \(value.compact)",
          hint: "it is \(TextKind.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      self.kind = kind
    }
    // JSON is UTF-8, whatever other texts are.
    if entry.extra[JSONDocuments.lineKey] != nil { encoding = .utf8 }
    guard let value = entry.extra[Self.encodingKey] else { return }
    do {
      guard let name = value.stringValue else {
        throw Failure(.badInput, "'\(Self.encodingKey)' is \(value.compact), not a text")
      }
      encoding = try TextEncoding(name)
    } catch var failure as Failure {
      failure.kind = .badInput
      failure.path = entry.source
      throw failure
    }
  }

  func write(to entry: inout ManifestEntry) {
    entry.extra[Self.kindKey] = .string(kind.rawValue)
    if encoding != .utf8 { entry.extra[Self.encodingKey] = .string(encoding.name) }
  }
}

/// Texts. How many sentences one has, only reading it tells: ``scanTexts(_:rules:threads:_:)``.
final class TextMedium: Medium {
  static let textKind = "text"
  let kind = TextMedium.textKind
  private let encoding: TextEncoding
  private let isLines: Bool

  init(_ options: CorpusOptions) {
    encoding = options.encoding
    isLines = options.layout == .sentences
  }

  func takes(_ name: String) -> Bool { isTextName(name) }

  func examine(
    _ file: inout EncodedFile, declared: Extent?, channel: Channel?
  ) throws -> (extent: Extent, format: FileFormat) {
    (declared ?? .text(sentences: 0), .text(TextFormat(kind: try kind(of: file), encoding: encoding)))
  }

  private func kind(of file: EncodedFile) throws -> TextKind {
    if isLines { return .lines }
    let name = textName(file.name)
    if name.ends(with: ".md") || name.ends(with: ".markdown") { return .markdown }
    return GutenbergFrame.isHeader(try start(of: file)) ? .gutenberg : .plain
  }

  /// The first bytes of a text, unpacked.
  private func start(of file: EncodedFile) throws -> [UInt8] {
    let text = try file.text()
    return try file.naming {
      try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        while count < buffer.count {
          let got = try text.read(
            into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]))
          if got == 0 { break }
          count += got
        }
      }
    }
  }
}

/// Reads the texts of a corpus, each as it is to be read. For one user at a time.
public final class TextReaders {
  private let rules: TextRules
  private var readers: [TextReader] = []

  public init(_ rules: TextRules) { self.rules = rules }

  /// As ``TextReader/read(_:_:)``, of an utterance's file, which may be compressed if it is on disk.
  public func read(_ utterance: CorpusUtterance, _ body: (Sentence) throws -> Void) throws -> TextFacts {
    guard case .text(let format) = utterance.format else {
      throw Failure(.badInput, path: utterance.file.name, "not a text")
    }
    let reader = try reader(TextFormat(utterance.entry, or: format))
    let text = try utterance.file.text()
    return try utterance.file.naming { try reader.read(text, body) }
  }

  private func reader(_ format: TextFormat) throws -> TextReader {
    if let known = readers.first(where: { $0.kind == format.kind && $0.encoding == format.encoding }) { return known }
    let reader = try TextReader(format.kind, rules: rules, encoding: format.encoding)
    readers.append(reader)
    return reader
  }
}
