import FileIO

/// The frames of an MPEG audio file, walked from the first to the last: decoders pass over what is damaged or missing
/// without a word, and the lengths that files declare are of an encoder that did not always know.
struct MPEGFrames {
  /// Frames that one encoder wrote, to be decoded on their own.
  struct Segment {
    var range: Range<Int>
    /// With audio.
    var frames = 0
    /// What the segment's first frame declares, if that is one which holds no audio.
    var declared: Declared?
  }

  /// What a frame of Xing's, LAME's or Fraunhofer's declares.
  struct Declared {
    var mark: String
    /// Bytes of the frame itself.
    var length: Int
    var frames: Int?
    /// Bytes of the segment.
    var bytes: Int?
  }

  private(set) var segments: [Segment] = []

  /// Throws a `Failure` of kind `badInput` that says where there is something else than a frame or a tag.
  init(_ reader: EncodedReader, name: String) throws {
    func failure(_ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, path: name, reason, hint: hint)
    }
    var place = leadingTags(reader)
    let end = endWithoutTags(reader, notBefore: place)
    guard let first = MPEGFrameHeader(reader.bytes(at: place, count: 4)[...]) else { throw failure("not MP3") }
    var isNew = true
    while place < end {
      guard let frame = MPEGFrameHeader(reader.bytes(at: place, count: 4)[...]) else {
        // Tags between files that were joined.
        let next = leadingTags(reader.stretch(place..<end)) + place
        guard next > place else {
          throw failure(
            end - place < 4
              ? "cut short: \(end - place) bytes of an MPEG frame at its end"
              : "damaged: no MPEG frame at byte \(place), where one must begin (\(end - place) bytes are left)")
        }
        place = next
        isNew = true
        continue
      }
      guard frame.agrees(with: first) else {
        throw failure("joined of different streams: \(first.summary), from byte \(place) on \(frame.summary)")
      }
      guard frame.length > 0 else {
        throw failure("MP3 of free bit rate is not read", hint: "ffmpeg -i IN OUT.flac converts it")
      }
      guard place + frame.length <= end else {
        throw failure(
          "cut short: only \(end - place) of the \(frame.length) bytes of its last MPEG frame are there",
          hint: "ffmpeg -i IN -c copy OUT.mp3 leaves that frame out")
      }
      let declared = Self.declared(reader.bytes(at: place, count: min(frame.length, 200)), frame)
      if isNew || declared != nil { segments.append(Segment(range: place..<place, declared: declared)) }
      isNew = false
      if declared == nil { segments[segments.count - 1].frames += 1 }
      place += frame.length
      segments[segments.count - 1].range = segments[segments.count - 1].range.lowerBound..<place
    }
    if let failure = reader.failure { throw asBadInput(failure) }
    segments = try segments.compactMap { try Self.checked($0, name: name) }
    guard !segments.isEmpty else { throw failure("no samples") }
  }

  /// The segment as it is to be decoded: without a first frame whose count is wrong, because decoders cut off what is
  /// beyond it. Nil if it holds no audio. Fewer frames than declared are a fault.
  private static func checked(_ segment: Segment, name: String) throws -> Segment? {
    guard let declared = segment.declared else { return segment }
    if let frames = declared.frames, frames > segment.frames {
      // Some encoders count the declaring frame too; then the bytes tell that all is there.
      let isWhole = frames == segment.frames + 1 && declared.bytes.map { $0 <= segment.range.count } == true
      guard isWhole else {
        throw Failure(
          .badInput, path: name,
          "cut short: \(segment.frames) of the \(frames) MPEG frames that its \(declared.mark) frame declares are there"
        )
      }
    }
    guard segment.frames > 0 else { return nil }
    if declared.mark != "VBRI", declared.frames == segment.frames { return segment }
    var segment = segment
    segment.range = (segment.range.lowerBound + declared.length)..<segment.range.upperBound
    return segment
  }

  /// What the frame declares, if it is one without audio (gabriel.mp3-tech.org, "Mp3 Info Tag rev 1").
  private static func declared(_ bytes: [UInt8], _ frame: MPEGFrameHeader) -> Declared? {
    guard frame.layer == 3 else { return nil }
    func number(at place: Int) -> Int? {
      place + 4 <= bytes.count ? Audio.number(bytes[place..<place + 4], isBigEndian: true) : nil
    }
    for mark in ["Xing", "Info"] where bytes.dropFirst(frame.xingPlace).starts(with: mark.utf8) {
      let start = frame.xingPlace
      let flags = number(at: start + 4) ?? 0
      let hasFrames = flags & 1 != 0
      return Declared(
        mark: mark, length: frame.length, frames: hasFrames ? number(at: start + 8) : nil,
        bytes: flags & 2 != 0 ? number(at: start + (hasFrames ? 12 : 8)) : nil)
    }
    guard bytes.dropFirst(MPEGFrameHeader.vbriPlace).starts(with: "VBRI".utf8) else { return nil }
    let start = MPEGFrameHeader.vbriPlace
    return Declared(
      mark: "VBRI", length: frame.length, frames: number(at: start + 14), bytes: number(at: start + 10))
  }
}
