import FileIO
import TestSupport
import Testing

/// Every container and coding, whole and with what programs, pipes and accidents make of its length: what comes is all the
/// samples that are there, or a refusal that says what is wrong. The table is printed.
struct LengthMatrixTests {
  /// What was done to the file.
  enum Change: String, CaseIterable {
    case exact
    case short = "1 byte short"
    case half
    case declaresMore = "declares more"
    case longer = "bytes after"
    case zero = "size 0"
    case ones = "size all ones"
    case wrapped = "size wrapped"
    case tagBefore = "tag before"
    case tagBehind = "tag behind"
    case joined = "two joined"
  }

  /// What must come of it.
  enum Right {
    case samples
    /// The file twice.
    case twice
    /// The same, but that the second goes on from the state in which the first ends.
    case twiceInOne
    /// All frames of MP3, also those that a declared length would cut off.
    case everyFrame
    case refused(String)
  }

  struct Container {
    var name: String
    var type: String
    var bytes: [UInt8]
    /// The samples; nil where the coding is lossy.
    var original: [Int16]?
    /// The file with another length in its header: in samples of a channel, where the header counts these, and in bytes.
    var declaring: (_ samples: Int, _ bytes: Int, _ whole: Int) throws -> [UInt8]
    var right: [Change: Right] = [:]
  }

  static let count = 60_000
  static let speech = SpeechCorpus.speech(count: count, seed: 31)

  @Test func everyContainerWithEveryLength() throws {
    let containers = try Self.chunked() + Self.others()
    #expect(containers.count >= 12)
    var table = [["", "samples"] + Change.allCases.map(\.rawValue)]
    for container in containers {
      let exact = try Reading(container.bytes, type: container.type)
      let samples = try #require(exact.samples, "\(container.name): \(exact)")
      if let original = container.original { #expect(samples == original, "\(container.name)") }
      var row = [container.name, "\(samples.count)"]
      for change in Change.allCases {
        let reading = try Reading(try changed(container, change), type: container.type)
        row.append(try cell(reading, container, change, samples))
      }
      table.append(row)
    }
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max()! }
    for row in table {
      print(zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  "))
    }
  }

  /// Compares a cell with what is right, and says it in a word.
  private func cell(_ reading: Reading, _ container: Container, _ change: Change, _ exact: [Int16]) throws -> String {
    let right = try #require(container.right[change] ?? Self.usual[change])
    let what = Comment(rawValue: "\(container.name), \(change.rawValue): \(reading)")
    switch right {
    case .samples:
      #expect(reading == .samples(exact), what)
      return "right"
    case .twice:
      #expect(reading == .samples(exact + exact), what)
      return "right"
    case .twiceInOne:
      #expect(reading.samples?.count == 2 * exact.count && reading.samples?.starts(with: exact) == true, what)
      return "right"
    case .everyFrame:
      let samples = try #require(reading.samples, what)
      // The encoder's and the decoder's delay stand before the first sample.
      #expect(samples.count >= exact.count + 1105 && samples.count % 576 == 0, what)
      let same = samples.dropFirst(1105).prefix(exact.count)
      #expect(zip(same, exact).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, what)
      return "right"
    case .refused(let reason):
      #expect(reading.reason?.contains(reason) == true, what)
      return "refused"
    }
  }

  private static let usual: [Change: Right] = [
    .exact: .samples, .short: .refused("cut short"), .half: .refused("cut short"), .declaresMore: .refused("cut short"),
    .longer: .refused("bytes follow from byte"), .zero: .samples, .ones: .samples,
    .wrapped: .refused("bytes follow from byte"), .tagBefore: .samples, .tagBehind: .samples,
    .joined: .refused("bytes follow from byte"),
  ]

  private func changed(_ container: Container, _ change: Change) throws -> [UInt8] {
    let bytes = container.bytes
    switch change {
    case .exact: return bytes
    case .short: return bytes.dropLast()
    case .half: return Array(bytes[..<(bytes.count / 2)])
    case .declaresMore: return try container.declaring(Self.count * 2, Self.count * 4, bytes.count + Self.count * 2)
    case .longer: return bytes + SpeechCorpus.speech(count: 4_000, seed: 8).map { UInt8(truncatingIfNeeded: $0) | 1 }
    case .zero: return try container.declaring(0, 0, 0)
    case .ones: return try container.declaring(-1, -1, -1)
    case .wrapped: return try container.declaring(10_000, 20_000, bytes.count)
    case .tagBefore: return Tag.id3v2 + bytes
    case .tagBehind: return bytes + Tag.ape + Tag.id3v1
    case .joined: return bytes + bytes
    }
  }

  // MARK: Containers

  private static func encode(_ format: AudioFile.Format) throws -> [UInt8] {
    try AudioFile.encode(speech, format: format)
  }

  /// Those whose header gives the samples' bytes.
  private static func chunked() throws -> [Container] {
    /// With fields at the places where names stand, and where in the file its own size stands.
    func chunks(
      _ name: String, _ type: String, _ format: AudioFile.Format, _ chunk: String, isBigEndian: Bool = false,
      fields: (skip: Int, width: Int, extra: Int), whole: (place: Int, width: Int)?, bytesPerSample: Int = 2
    ) throws -> Container {
      let bytes = try encode(format)
      let place = try bytes.place(of: chunk) + fields.skip
      return Container(name: name, type: type, bytes: bytes, original: speech) { samples, count, size in
        let count = count > 0 ? count * bytesPerSample / 2 + fields.extra : count
        var changed = bytes.replacing(at: place, field(count, fields.width, isBigEndian: isBigEndian))
        // AIFF counts the samples too.
        if chunk == "SSND" {
          let common = try bytes.place(of: "COMM")
          changed = changed.replacing(at: common + 10, field(samples, 4, isBigEndian: true))
        }
        guard let whole else { return changed }
        return changed.replacing(at: whole.place, field(size, whole.width, isBigEndian: isBigEndian))
      }
    }
    let rf64 = try encode(.rf64)
    let sizes = try rf64.place(of: "ds64") + 8
    let mp3 = try AudioFile.encode(speech, format: .mp3)
    let wav = mpegInWAV(mp3)
    let sphere = try encode(.sphere)
    let counted = "sample_count -i \(count)"
    return try [
      chunks("WAV", "wav", .wav, "data", fields: (4, 4, 0), whole: (4, 4)),
      chunks("WAV, big-endian", "wav", .rifx, "data", isBigEndian: true, fields: (4, 4, 0), whole: (4, 4)),
      Container(name: "RF64", type: "wav", bytes: rf64, original: speech) { samples, bytes, whole in
        rf64.replacing(
          at: sizes, [whole, bytes, samples].flatMap { field($0, 8, isBigEndian: false) })
      },
      chunks("W64", "w64", .wave64, "data", fields: (16, 8, 24), whole: (16, 8)),
      chunks("AIFF", "aiff", .aiff, "SSND", isBigEndian: true, fields: (4, 4, 8), whole: (4, 4)),
      chunks(
        "AIFF-C, float", "aifc", .aiffFloat, "SSND", isBigEndian: true, fields: (4, 4, 8), whole: (4, 4),
        bytesPerSample: 4),
      chunks("CAF", "caf", .caf, "data", isBigEndian: true, fields: (4, 8, 4), whole: nil),
      chunks("AU", "au", .au, ".snd", isBigEndian: true, fields: (8, 4, 0), whole: nil),
      Container(name: "SPHERE", type: "sph", bytes: sphere, original: speech) { samples, _, _ in
        // The header ends with spaces, which give way.
        let line = "sample_count -i \(samples == -1 ? 0xffff_ffff : samples)"
        let header = String(decoding: sphere[..<1024], as: UTF8.self).replacing(counted, with: line)
        let padded = header + String(repeating: " ", count: max(0, 1024 - header.utf8.count))
        return Array(padded.utf8.prefix(1024)) + sphere[1024...]
      },
      Container(name: "MP3 in WAV", type: "wav", bytes: wav, original: nil) { _, bytes, whole in
        let place = try wav.place(of: "data") + 4
        // Its samples take less than others'.
        return wav.replacing(at: place, field(bytes == 20_000 ? 2_000 : bytes, 4, isBigEndian: false))
          .replacing(at: 4, field(whole, 4, isBigEndian: false))
      },
    ]
  }

  private static func mpegInWAV(_ mp3: [UInt8]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] { field(value, count, isBigEndian: false) }
    let format =
      little(0x55, 2) + little(1, 2) + little(16_000, 4) + little(4_000, 4) + little(1, 2) + little(0, 2)
      + little(12, 2) + little(1, 2) + little(2, 4) + little(144, 2) + little(1, 2) + little(1105, 2)
    let padded = mp3 + [UInt8](repeating: 0, count: mp3.count % 2)
    return Array("RIFF".utf8) + little(20 + format.count + 8 + padded.count - 8 + 8, 4) + Array("WAVEfmt ".utf8)
      + little(format.count, 4) + format + Array("data".utf8) + little(mp3.count, 4) + padded
  }

  /// Those that are made of frames or pages.
  private static func others() throws -> [Container] {
    let flac = try encode(.flac)
    let folder = try TemporaryFolder()
    try write(flac, to: folder("a.flac"))
    let made = try runProcess("/usr/bin/env", ["flac", "--silent", "--ogg", "-o", folder("a.oga"), folder("a.flac")])
    #expect(made.status == 0, "\(made.messages)")
    let oggFLAC = try File.contents(of: folder("a.oga"))
    func ogg(
      _ name: String, _ type: String, _ bytes: [UInt8], original: [Int16]?, rate: Int, _ own: [Change: Right] = [:]
    ) -> Container {
      Container(
        name: name, type: type, bytes: bytes, original: original,
        declaring: { samples, _, _ in try withLastGranule(bytes, samples > 0 ? samples * rate / 16_000 : samples) },
        right: [
          .longer: .refused("are no Ogg page"), .zero: .refused("has the granule position 0"),
          .ones: .refused("has the granule position -1"), .wrapped: .refused("has the granule position"),
          .joined: .twice,
        ].merging(own) { $1 })
    }
    let mp3 = try encode(.mp3)
    let info = try #require(mp3.indices.first { i in ["Info", "Xing"].contains { mp3[i...].starts(with: $0.utf8) } })
    let next = try #require(mp3.indices.dropFirst(4).first { mp3[$0] == 0xff && mp3[$0 + 1] == mp3[1] && $0 > info })
    let plain = Array(mp3[next...])
    return [
      Container(
        name: "FLAC", type: "flac", bytes: flac, original: speech,
        // The low 32 of 36 bits; the MD5 is left out, which would tell too.
        declaring: { samples, _, _ in
          flac.replacing(at: 22, field(samples, 4, isBigEndian: true))
            .replacing(at: 26, [UInt8](repeating: 0, count: 16))
        },
        right: [
          .ones: .refused("one utterance may have"), .longer: .refused("declares 60000 samples, but"),
          .wrapped: .refused("the header declares 10000 samples"),
          .joined: .refused("the header declares 60000 samples, but another FLAC stream"),
        ]),
      // libFLAC does not look at granule positions.
      ogg("FLAC in Ogg", "oga", oggFLAC, original: speech, rate: 16_000, [.declaresMore: .samples]),
      ogg("Vorbis", "ogg", try encode(.vorbis), original: nil, rate: 16_000),
      ogg("Opus", "opus", try encode(.opus), original: nil, rate: 48_000),
      Container(
        name: "MP3", type: "mp3", bytes: mp3, original: nil,
        declaring: { samples, _, _ in
          mp3.replacing(at: info + 8, field(samples > 0 ? samples / 576 : samples, 4, isBigEndian: true))
        },
        right: [
          .longer: .refused("no MPEG frame at byte"), .zero: .everyFrame, .ones: .refused("cut short"),
          .wrapped: .everyFrame, .joined: .twice,
        ]),
      Container(
        name: "MP3 without length", type: "mp3", bytes: plain, original: nil, declaring: { _, _, _ in plain },
        right: [
          .longer: .refused("no MPEG frame at byte"), .declaresMore: .samples, .wrapped: .samples,
          .joined: .twiceInOne,
        ]),
    ]
  }
}
