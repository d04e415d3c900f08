import FileIO

/// Bytes of a file, in pieces of any size, into valid UTF-8 without zero bytes and without a byte order mark.
protocol TextDecoder: AnyObject {
  /// Forgets what was; `path` is for messages.
  func begin(path: String)
  /// Gives `body` the text of the bytes that follow, perhaps in several pieces, each of whole characters. The last call
  /// says that it is the last, and may have no bytes.
  func decode(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
}

extension TextEncoding {
  func decoder() throws -> any TextDecoder { isUTF8 ? UTF8Decoder() : try ConvertingDecoder(self) }
}

/// The failure at a byte of a text file, from 0.
func badText(_ path: String, at byte: Int, _ reason: String, hint: String? = nil) -> Failure {
  Failure(.badInput, path: path, at: "byte \(byte)", reason, hint: hint)
}

let zeroByte = "a zero byte: this is no text"

/// `0xE9 0x20`.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
}

/// What a file is that is no text, or text of another kind, by its first bytes.
enum Signature {
  /// As many bytes as the longest has.
  static let length = 6

  static func name(_ head: some Collection<UInt8>) -> (name: String, hint: String?)? {
    for (bytes, name, hint) in all where head.starts(with: bytes) { return (name, hint) }
    return nil
  }

  private static let all: [(bytes: [UInt8], name: String, hint: String?)] = [
    ([0xff, 0xfe, 0, 0], "UTF-32, where UTF-8 is read", "name the encoding: utf-32"),
    ([0, 0, 0xfe, 0xff], "UTF-32, where UTF-8 is read", "name the encoding: utf-32"),
    ([0xff, 0xfe], "UTF-16, where UTF-8 is read", "name the encoding: utf-16"),
    ([0xfe, 0xff], "UTF-16, where UTF-8 is read", "name the encoding: utf-16"),
    (Array("%PDF-".utf8), "a PDF file: this is no text", "pdftotext converts it"),
    ([0x50, 0x4b, 3, 4], "a ZIP file (or EPUB, or DOCX): this is no text", nil),
    ([0x1f, 0x8b], "compressed with gzip: this is no text", nil),
    ([0x28, 0xb5, 0x2f, 0xfd], "compressed with Zstandard: this is no text", nil),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "compressed with xz: this is no text", nil),
    ([0x89, 0x50, 0x4e, 0x47], "a PNG picture: this is no text", nil),
    ([0xff, 0xd8, 0xff], "a JPEG picture: this is no text", nil),
    ([0x7f, 0x45, 0x4c, 0x46], "a program: this is no text", nil),
  ]
}
