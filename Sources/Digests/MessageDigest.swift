import COpenSSL
import FileIO

/// A cryptographic digest of bytes that come in pieces, by OpenSSL.
public final class MessageDigest {
  public enum Algorithm: String, Sendable {
    /// RFC 1321: what archives are published with, no protection against forgery.
    case md5 = "MD5"
    /// FIPS 180-4.
    case sha256 = "SHA-256"
  }

  private let algorithm: Algorithm
  private let context: OpaquePointer

  /// What OpenSSL would tear down when the process ends may still be in use: a tool that fails does not wait for the
  /// threads on which digests are made.
  private static let isReady = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

  public init(_ algorithm: Algorithm) throws {
    self.algorithm = algorithm
    guard Self.isReady, let context = EVP_MD_CTX_new() else {
      throw Failure(.system, "no memory for \(algorithm.rawValue)")
    }
    self.context = context
    let type =
      switch algorithm {
      case .md5: EVP_md5()
      case .sha256: EVP_sha256()
      }
    guard EVP_DigestInit_ex(context, type, nil) == 1 else {
      throw Failure(.system, "this OpenSSL has no \(algorithm.rawValue)")
    }
  }

  deinit { EVP_MD_CTX_free(context) }

  public func update(_ bytes: UnsafeRawBufferPointer) throws {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      throw Failure(.system, "\(algorithm.rawValue) failed")
    }
  }

  /// Lower-case hexadecimal digits; nothing can be added after them.
  public func finish() throws -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: CUnsignedInt = 0
    guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else {
      throw Failure(.system, "\(algorithm.rawValue) failed")
    }
    return digest[..<Int(count)].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
