import FileIO
import TestSupport

/// Files as they turn up in corpora, good and bad, the same every time.
struct Zoo {
  struct Animal {
    var name: String
    /// The extension of its file.
    var type: String
    var bytes: [UInt8]
    /// What must be said of it; nil if it is good.
    var reason: String?
    /// What it decodes to if it is good.
    var samples: [Int16] = []
  }

  /// What is called `.flac`.
  let flac: [Animal]
  /// Other formats, for the layouts that take them.
  let others: [Animal]

  init() throws {
    flac = try Self.withGood(Self.badFLAC(), type: "flac", format: .flac)
    let (riff, snd) = try (
      Self.withGood(Self.badOthers(), type: "wav", format: .wav),
      [("aiff", AudioFile.Format.aiff), ("au", .au), ("sph", .sphere)].map { try Self.good($0.0, $0.0, $0.1, seed: 50) }
    )
    others = riff + snd
  }

  private static let speech = SpeechCorpus.speech(count: 22_222, seed: 9)

  private static func encode(
    _ format: AudioFile.Format, _ samples: [Int16] = speech, rate: Int = 16_000, channels: Int = 1
  ) throws -> [UInt8] {
    try AudioFile.encode(samples, format: format, rate: rate, channels: channels)
  }

  private static func good(
    _ name: String, _ type: String, _ format: AudioFile.Format, seed: UInt64
  ) throws -> Animal {
    let samples = SpeechCorpus.speech(count: 3_000 + 4_321 * Int(seed % 10), seed: seed)
    return Animal(name: "good-\(name)", type: type, bytes: try encode(format, samples), samples: samples)
  }

  /// The bad ones with a good one before every third and after the last.
  private static func withGood(_ bad: [Animal], type: String, format: AudioFile.Format) throws -> [Animal] {
    var animals: [Animal] = []
    for (i, animal) in bad.enumerated() {
      if i % 3 == 0 { animals.append(try good("\(type)-\(i)", type, format, seed: UInt64(i + 1))) }
      animals.append(animal)
    }
    return animals + [try good("\(type)-last", type, format, seed: 99)]
  }

  private static func badFLAC() throws -> [Animal] {
    let whole = try encode(.flac)
    func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      var bytes = whole
      change(&bytes)
      return bytes
    }
    let tag = Array("ID3\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}\u{a}".utf8) + [UInt8](repeating: 0, count: 10)
    let table: [(String, [UInt8], String?)] = [
      ("empty", [], "the file is empty"),
      ("two-bytes", Array(whole[..<2]), "cut short inside its header"),
      ("in-header", Array(whole[..<30]), "cut short inside its header"),
      ("behind-header", Array(whole[..<44]), "cut short"),
      ("half", Array(whole[..<(whole.count / 2)]), "cut short"),
      ("last-byte", whole.dropLast(), "cut short"),
      ("marker", changed { $0[0] ^= 1 }, "not FLAC"),
      // STREAMINFO begins at byte 8: rate at 18, channels and bits at 20, samples to 25, MD5 from 26.
      ("shorter-than-declared", changed { $0[25] ^= 0x40 }, "samples"),
      ("huge", changed { $0[21] |= 0x0f }, "one utterance may have 134217728 at most"),
      ("md5", changed { $0[26] ^= 1 }, "MD5"),
      ("early-frame", changed { $0[$0.count / 5] ^= 0x10 }, "damaged"),
      ("late-frame", changed { $0[$0.count - 100] ^= 1 }, "damaged"),
      // STREAMINFO alone, marked as the last block.
      (
        "no-samples",
        changed {
          $0 = [0x66, 0x4c, 0x61, 0x43, 0x80] + $0[5..<21] + [$0[21] & 0xf0] + [UInt8](repeating: 0, count: 20)
        }, "no samples"
      ),
      (
        "slow", try encode(.flac, rate: 8_000),
        "8000 Hz, 1 channel, 16 bits: 16000 Hz, mono is needed (--resample 16000"
      ),
      ("stereo", try encode(.flac, channels: 2), "2 channels, 16 bits: 16000 Hz, mono is needed (--mixdown"),
      ("mp3", try encode(.mp3), "MP3, not FLAC"), ("tagged-mp3", tag + (try encode(.mp3)), "MP3, not FLAC"),
      ("wav", try encode(.wav), "WAV, not FLAC"), ("ogg", try encode(.vorbis), "Ogg, not FLAC"),
      ("zeros", [UInt8](repeating: 0, count: 5_000), "zero bytes, not FLAC"),
      ("text", Array("not audio\n".utf8), "text, not FLAC"),
    ]
    return table.map { Animal(name: $0.0, type: "flac", bytes: $0.1, reason: $0.2) }
      + [Animal(name: "good-tagged", type: "flac", bytes: tag + whole, samples: speech)]
  }

  private static func badOthers() throws -> [Animal] {
    func cut(_ bytes: [UInt8]) -> [UInt8] { Array(bytes[..<(bytes.count * 2 / 3)]) }
    let wav = try encode(.wav)
    var page = try encode(.vorbis)
    page[page.count / 2] ^= 1
    // A RIFF file declares the length of its samples at byte 40.
    var endless = wav
    endless.replaceSubrange(40..<44, with: [0, 0, 0, 0x40])
    let table: [(String, String, [UInt8], String)] = [
      ("cut-wav", "wav", cut(wav), "cut short"), ("cut-aiff", "aiff", cut(try encode(.aiff)), "cut short"),
      ("cut-au", "au", cut(try encode(.au)), "cut short"), ("cut-sph", "sph", cut(try encode(.sphere)), "cut short"),
      ("cut-ogg", "ogg", cut(try encode(.vorbis)), "cut short"),
      ("page", "ogg", page, "bad checksum (CRC) of the Ogg page"), ("huge-wav", "wav", endless, "cut short"),
      ("head-wav", "wav", Array(wav[..<20]), "names no place where samples begin"),
      ("empty-wav", "wav", [], "the file is empty"),
      ("text-wav", "wav", Array("not audio\n".utf8), "text, not audio"),
      ("zeros-wav", "wav", [UInt8](repeating: 0, count: 5_000), "zero bytes, not audio"),
      ("slow-wav", "wav", try encode(.wav, rate: 8_000), "--resample 16000"),
      ("stereo-wav", "wav", try encode(.wav, channels: 2), "--mixdown"),
      ("no-samples-wav", "wav", try encode(.wav, []), "no samples"),
    ]
    return table.map { Animal(name: $0.0, type: $0.1, bytes: $0.2, reason: $0.3) }
  }
}
