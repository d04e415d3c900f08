import FileIO

/// The digest that a safetensors file carries of itself, for files that no card lists.
///
/// Metadata `cpc.digest` is the XXH3-128 of the whole file, header included, with this value itself read as 32 zeros.
/// So a bit that flips anywhere is found, also in the header.
public enum Seal {
  public static let key = "cpc.digest"
  /// What stands in the digest's place while it is computed.
  static let blank = String(repeating: "0", count: 32)
  /// How every writer of JSON without spaces spells the key; within a string, the quotes would be escaped.
  private static let marker = Array("\"\(key)\":\"".utf8)

  /// Where the digest stands in a header; nil if there is not exactly one.
  static func range(in header: UnsafeRawBufferPointer) -> Range<Int>? {
    var found: Range<Int>?
    guard header.count >= marker.count + blank.utf8.count else { return nil }
    for i in 0...(header.count - marker.count - blank.utf8.count)
    where header[i] == marker[0] && header[i..<i + marker.count].elementsEqual(marker) {
      guard found == nil else { return nil }
      found = i + marker.count..<i + marker.count + blank.utf8.count
    }
    return found
  }

  /// The digest of a file that is its header, up to the first tensor, and `tensors`.
  static func digest(
    header: UnsafeRawBufferPointer, at place: Range<Int>, tensors: some Sequence<UnsafeRawBufferPointer>
  ) -> String {
    let hash = XXH3.Stream()
    hash.update(UnsafeRawBufferPointer(rebasing: header[..<place.lowerBound]))
    Array(blank.utf8).withUnsafeBytes { hash.update($0) }
    hash.update(UnsafeRawBufferPointer(rebasing: header[place.upperBound...]))
    for tensor in tensors { hash.update(tensor) }
    return hash.digest128
  }
}

extension SafetensorsFile {
  /// The digest that the file says it has; nil if it carries none.
  public var digest: String? { header[metadata: Seal.key] }

  /// Throws if the file is not what its digest says, or has none.
  public func checkSeal() throws {
    try withAllBytes { bytes in
      let text = UnsafeRawBufferPointer(rebasing: bytes[..<header.dataStart])
      guard let digest, let place = Seal.range(in: text) else {
        throw Failure(.corrupt, path: path, "it carries no digest of itself, so it cannot be checked")
      }
      let tensors = UnsafeRawBufferPointer(rebasing: bytes[header.dataStart...])
      guard Seal.digest(header: text, at: place, tensors: [tensors]) == digest else {
        throw Failure(.corrupt, path: path, "damaged: its digest differs from its content")
      }
    }
  }
}

/// As ``writeSafetensors(_:metadata:alignment:to:)``, with a digest of the whole file as the last of its metadata.
///
/// - Returns: the digest.
@discardableResult
public func writeSealedSafetensors(
  _ tensors: [TensorBytes], metadata: [(key: String, value: String)], to path: String
) throws -> String {
  let header = SafetensorsHeader(
    tensors: tensors.map { ($0.name, $0.type, $0.shape) }, metadata: metadata + [(Seal.key, Seal.blank)])
  var encoded = header.encoded
  let place = encoded.withUnsafeBytes { Seal.range(in: $0) }!
  let digest = encoded.withUnsafeBytes { Seal.digest(header: $0, at: place, tensors: tensors.map(\.bytes)) }
  encoded.replaceSubrange(place, with: digest.utf8)
  try writeAtomically(to: path) { file in
    try file.write(encoded)
    for tensor in tensors { try file.write(tensor.bytes) }
  }
  return digest
}
