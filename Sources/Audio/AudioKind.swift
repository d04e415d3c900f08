import Archives
import FileIO

/// What a file is by its first bytes.
enum AudioKind: Equatable {
  case flac, ogg, mpeg, riff, bigEndianRIFF, rf64, wave64, aiff, au, caf, sphere
  /// Known, but not read: what it is, and what converts it.
  case other(String, hint: String?)

  /// - Parameter head: the first bytes after tags.
  init?(_ head: [UInt8]) {
    func has(_ signature: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: signature.utf8) }
    func has(_ signature: [UInt8]) -> Bool { head.starts(with: signature) }
    let kind: AudioKind? =
      if has("fLaC") { .flac } else if has("OggS") { .ogg } else if has("RIFF") {
        has("AVI ", at: 8) ? .other("AVI", hint: Self.ffmpeg) : .riff
      } else if has("RIFX") { .bigEndianRIFF } else if has("RF64") || has("BW64") { .rf64 } else if has(Self.waveGUID) {
        .wave64
      } else if has("FORM"), has("AIFF", at: 8) || has("AIFC", at: 8) || head.count < 12 {
        .aiff
      } else if has(".snd")
        || has("dns.")
      {
        .au
      } else if has("caff") { .caf } else if has("NIST_1A") { .sphere } else { nil }
    guard let kind = kind ?? Self.unread(head) ?? (MPEGFrameHeader(head[...]) != nil ? .mpeg : nil) else { return nil }
    self = kind
  }

  /// For messages.
  var name: String {
    switch self {
    case .flac: "FLAC"
    case .ogg: "Ogg"
    case .mpeg: "MP3"
    case .riff, .bigEndianRIFF: "WAV"
    case .rf64: "RF64"
    case .wave64: "W64"
    case .aiff: "AIFF"
    case .au: "AU"
    case .caf: "CAF"
    case .sphere: "NIST SPHERE"
    case .other(let name, _): name
    }
  }

  private static let ffmpeg = "ffmpeg -i IN OUT.flac converts it"

  /// The GUID of Sony Wave64's first chunk.
  private static let waveGUID: [UInt8] = [
    0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00,
  ]

  private static func unread(_ head: [UInt8]) -> AudioKind? {
    func has(_ signature: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: signature.utf8) }
    if has("ftyp", at: 4) { return .other("MPEG-4 (AAC or ALAC)", hint: ffmpeg) }
    // ADTS has MPEG's sync word with layer 0, which no MPEG audio has.
    if head.count > 2, head[0] == 0xff, head[1] & 0xf6 == 0xf0, head[2] >> 2 & 0xf < 13 {
      return .other("AAC (ADTS)", hint: ffmpeg)
    }
    if has("ADIF") { return .other("AAC (ADIF)", hint: ffmpeg) }
    let signatures: [(String, String)] = [
      ("ajkg", "Shorten"), ("wvpk", "WavPack"), ("MAC ", "Monkey's Audio"), ("TTA1", "TTA"), ("#!AMR", "AMR"),
      ("#!SILK_V3", "SILK"), ("Creative Voice File", "VOC"), (".RMF", "RealMedia"), ("DSD ", "DSD"),
      ("\u{b}w", "AC-3"), ("FRM8", "DSD"), (".ra\u{fd}", "RealAudio"), ("MPCK", "Musepack"), ("MP+", "Musepack"),
      ("FORM", "IFF (no AIFF)"), ("\u{1a}E\u{df}\u{a3}", "Matroska or WebM"),
    ]
    for (signature, name) in signatures where head.starts(with: signature.unicodeScalars.map { UInt8($0.value) }) {
      return .other(name, hint: ffmpeg)
    }
    if head.starts(with: [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]) { return .other("WMA", hint: ffmpeg) }
    if ArchiveMembers.isArchive(head: head) { return .other("an archive or compressed file", hint: "unpack it") }
    return nil
  }
}

/// Why a file that should be audio, or FLAC, is not, by its first bytes after tags.
func notAudio(_ head: [UInt8], name: String, wanted: String) -> Failure {
  func failure(_ reason: String, hint: String? = nil) -> Failure { Failure(.badInput, path: name, reason, hint: hint) }
  func isAll(_ isMeant: (UInt8) -> Bool) -> Bool { head.prefix(4096).allSatisfy(isMeant) }
  if head.isEmpty { return failure("the file is empty") }
  if head.starts(with: "ID3".utf8) { return failure("cut short inside its ID3 tag") }
  if head.count < 4, Array("fLaC".utf8).starts(with: head) { return failure("cut short inside its header") }
  switch AudioKind(head) {
  case .other(let kind, let hint): return failure("\(kind), which is not read", hint: hint)
  case let kind?: return failure("\(kind.name), not \(wanted)")
  case nil: break
  }
  if isAll({ $0 == 0 }) { return failure("zero bytes, not \(wanted)") }
  if isAll({ $0 >= 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) { return failure("text, not \(wanted)") }
  return failure("not \(wanted)")
}

/// What kind of audio first bytes are those of, for messages; nil if of none.
package func audioKindName(_ head: [UInt8]) -> String? {
  if head.starts(with: "ID3".utf8) { return AudioKind.mpeg.name }
  if case .other(let name, _)? = AudioKind(head) { return ArchiveMembers.isArchive(head: head) ? nil : name }
  return AudioKind(head)?.name
}

/// Whether a file name ends like audio.
public func isAudioName(_ name: String) -> Bool {
  name.divided(atLast: ".").map { audioExtensions.contains(Name($0.tail.asciiLowercased)) } ?? false
}

private let audioExtensions: Set<Name> = Set(
  [
    "flac", "wav", "wave", "mp3", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "aifc", "sph", "au", "snd", "caf",
    "w64", "rf64", "mp2", "mpga", "bwf", "aiffc", "nist", "wv1", "wv2", "fla", "ogx", "mp1", "gsm", "amb", "ircam",
    "sox",
    // These are named, with what converts them.
    "wma", "wv", "tta", "ape", "m4b", "mka", "weba", "ac3", "amr", "awb", "ra", "mpc", "dsf", "dff", "voc", "shn",
    "spx", "alac", "adts",
  ].map { Name($0) })
