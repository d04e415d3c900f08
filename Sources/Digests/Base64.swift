import COpenSSL

/// Bytes as text (RFC 4648, section 4), by OpenSSL.
public func base64(_ bytes: [UInt8]) -> String {
  // Four characters for three bytes, and a zero byte at the end.
  String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4 + 1) { text in
    Int(EVP_EncodeBlock(text.baseAddress, bytes, CInt(bytes.count)))
  }
}
