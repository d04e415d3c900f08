public import FileIO

/// A text that is all in memory, as UTF-8 without zero bytes and without a byte order mark: lists and tables of others.
public struct WholeText: Sendable {
  public let utf8: [UInt8]
  /// How it was written.
  public let encoding: TextEncoding
  /// What was wrong with it as UTF-8, where another encoding was therefore taken.
  public let doubt: Failure?

  /// In the given encoding; without one UTF-8, and what is text but not UTF-8 is taken for Windows-1252, of which all
  /// that was ever called Latin-1 is a part as far as it has printed characters.
  ///
  /// - Parameter path: for messages.
  public init(_ bytes: [UInt8], path: String, encoding: TextEncoding? = nil) throws {
    do {
      utf8 = try Self.decode(bytes, path, encoding ?? .utf8)
      self.encoding = encoding ?? .utf8
      doubt = nil
    } catch let failure as Failure {
      guard encoding == nil, failure.kind == .badInput, Signature.name(bytes.prefix(Signature.length)) == nil,
        !bytes.contains(0)
      else { throw failure }
      self.encoding = try TextEncoding("windows-1252")
      utf8 = try Self.decode(bytes, path, self.encoding)
      doubt = failure
    }
  }

  private static func decode(_ bytes: [UInt8], _ path: String, _ encoding: TextEncoding) throws -> [UInt8] {
    let decoder = try encoding.decoder()
    decoder.begin(path: path)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    try bytes.withUnsafeBytes { try decoder.decode($0, isLast: true) { text.append(contentsOf: $0) } }
    return text
  }
}
