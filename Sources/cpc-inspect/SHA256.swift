import COpenSSL
import FileIO

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, by OpenSSL.
final class SHA256 {
  private let context: OpaquePointer

  init() throws {
    guard let context = EVP_MD_CTX_new() else { throw Failure(.system, "no memory for SHA-256") }
    self.context = context
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw Failure(.system, "this OpenSSL has no SHA-256")
    }
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) throws {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      throw Failure(.system, "SHA-256 failed")
    }
  }

  /// 64 lower-case hexadecimal digits; nothing can be added behind them.
  func finish() throws -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw Failure(.system, "SHA-256 failed") }
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
