import FileIO

/// The logical streams of an Ogg file (RFC 3533), one after the other. Every page is looked at, because libraries pass
/// over damaged ones and stop at the end of the first stream.
struct OggLinks {
  enum Coding { case vorbis, opus, flac }

  struct Link {
    var range: Range<Int>
    var coding: Coding
    var serial: Int
    var hasEnded = false
    /// Granule position of the last page on which a packet ends, so far.
    var granule = 0
    /// Number of the last page, and packets that have ended.
    var page = 0
    var packets = 0
    /// What is to be read in place of bytes of the stretch.
    var patches: [(offset: Int, bytes: [UInt8])] = []
    /// Least and most samples that a packet of Vorbis adds; nil for other codings.
    var packetSamples: ClosedRange<Int>?
  }

  private(set) var links: [Link] = []

  /// Throws a `Failure` of kind `badInput` that says what is wrong with which page.
  init(_ reader: EncodedReader, name: String) throws {
    func failure(_ reason: String, _ hint: String? = nil) -> Failure {
      Failure(.badInput, path: name, reason, hint: hint)
    }
    var place = leadingTags(reader)
    while place < reader.size {
      let header = reader.bytes(at: place, count: 27 + 255)
      guard header.starts(with: "OggS".utf8), header.count >= 27 else {
        // Tags may follow the end.
        guard links.last?.hasEnded == true, let foreign = foreignBytes(reader, from: place) else {
          if links.last?.hasEnded == true { break }
          throw failure("damaged: no Ogg page at byte \(place)")
        }
        throw failure(
          "\(reader.size - foreign) bytes after the end of the Ogg stream, from byte \(foreign), are no Ogg page")
      }
      let segments = header.dropFirst(27).prefix(Int(header[26]))
      let length = 27 + Int(header[26]) + segments.reduce(0) { $0 + Int($1) }
      var page = reader.bytes(at: place, count: length)
      guard page.count == length else { throw failure("cut short: its last Ogg page is not whole") }
      let declared = number(page[22..<26], isBigEndian: false)
      for i in 22..<26 { page[i] = 0 }
      guard oggChecksum(page) == declared else {
        throw failure("damaged: bad checksum (CRC) of the Ogg page at byte \(place)")
      }
      try add(page, at: place, packets: segments.count { $0 < 255 }, failure)
      place += length
    }
    if let failure = reader.failure { throw asBadInput(failure) }
    guard let last = links.last else { throw failure("cut short: no Ogg page") }
    guard last.hasEnded else {
      throw failure(
        "cut short: its last Ogg page is missing (none has the mark that ends the stream)",
        "if its recorder wrote none, ffmpeg -i IN -c copy OUT.\(last.coding == .opus ? "opus" : "ogg") adds it")
    }
  }

  private mutating func add(
    _ page: [UInt8], at place: Int, packets: Int, _ failure: (String, String?) -> Failure
  ) throws {
    let serial = number(page[14..<18], isBigEndian: false)
    let begins = page[5] & 2 != 0
    if begins {
      guard links.last?.hasEnded != false else {
        throw failure("several Ogg streams at once, or one that ends without its mark before byte \(place)", nil)
      }
      guard let coding = Self.coding(page) else {
        throw failure(
          "Ogg with something else than Vorbis, Opus or FLAC, which is not read", "ffmpeg -i IN OUT.flac converts audio"
        )
      }
      links.append(
        Link(
          range: place..<place, coding: coding, serial: serial, page: pageNumber(page) - 1,
          packetSamples: coding == .vorbis ? Self.vorbisSamples(page) : nil))
      if coding == .opus { links[links.count - 1].patches = Self.statingRate(page) }
    }
    guard let link = links.last, link.serial == serial, !link.hasEnded else {
      throw failure("damaged: the Ogg page at byte \(place) belongs to no stream that has begun", nil)
    }
    guard pageNumber(page) == link.page + 1 else {
      throw failure(
        "damaged: page \(pageNumber(page)) of the Ogg stream, at byte \(place), follows page \(link.page): pages are "
          + "missing, doubled or out of order", nil)
    }
    // Signed; -1 where no packet ends.
    let granule = Int(truncatingIfNeeded: number(page[6..<14], isBigEndian: false))
    guard (packets > 0) == (granule != -1), granule == -1 || granule >= link.granule else {
      throw failure(
        "damaged: the Ogg page at byte \(place) has the granule position \(granule) after \(link.granule)", nil)
    }
    // Three packets are headers; the first of the others adds nothing. Only a last page may hold more than it says.
    let audio = link.packets + packets - 3
    if link.granule == 0, granule > 0, let samples = link.packetSamples,
      granule > samples.upperBound * audio || granule < samples.lowerBound * (audio - 1) && page[5] & 4 == 0
    {
      // libsndfile would leave out at the end what is to be left out here.
      throw failure(
        "it begins within a longer Vorbis stream: its first \(audio) packets end at sample \(granule)",
        "ffmpeg -i IN OUT.flac converts what is there")
    }
    links[links.count - 1].page += 1
    links[links.count - 1].packets += packets
    links[links.count - 1].granule = max(granule, link.granule)
    links[links.count - 1].hasEnded = page[5] & 4 != 0
    links[links.count - 1].range = link.range.lowerBound..<(place + page.count)
  }

  /// Of Opus, whose rate is 48 kHz, the header has that of what was encoded, or 0 where nobody knows (RFC 7845, 5.1), which
  /// libsndfile takes for 8 kHz: what it reads instead, with the page's checksum.
  private static func statingRate(_ page: [UInt8]) -> [(offset: Int, bytes: [UInt8])] {
    let place = 27 + Int(page[26]) + 12
    guard page.count >= place + 4, page[place..<place + 4].allSatisfy({ $0 == 0 }) else { return [] }
    var page = page
    let rate = bytes(of: 48_000, count: 4, isBigEndian: false)
    page.replaceSubrange(place..<place + 4, with: rate)
    return [(place, rate), (22, bytes(of: oggChecksum(page), count: 4, isBigEndian: false))]
  }

  /// Half of each of the two block sizes of a Vorbis stream (Vorbis I specification, 4.2.2).
  private static func vorbisSamples(_ page: [UInt8]) -> ClosedRange<Int>? {
    let place = 27 + Int(page[26]) + 28
    guard page.indices.contains(place) else { return nil }
    let (short, long) = ((1 << (Int(page[place]) & 15)) / 2, (1 << (Int(page[place]) >> 4)) / 2)
    return short <= long ? short...long : nil
  }

  private static func coding(_ page: [UInt8]) -> Coding? {
    let packet = page.dropFirst(27 + Int(page[26]))
    func has(_ signature: String) -> Bool { packet.starts(with: signature.utf8) }
    if has("\u{1}vorbis") { return .vorbis }
    if has("OpusHead") { return .opus }
    return packet.starts(with: [0x7f] + "FLAC".utf8) ? .flac : nil
  }
}

private func pageNumber(_ page: [UInt8]) -> Int { number(page[18..<22], isBigEndian: false) }

/// CRC-32 with the polynomial 0x04c11db7, not reflected, beginning with 0.
private func oggChecksum(_ bytes: [UInt8]) -> Int {
  Int(bytes.reduce(0 as UInt32) { $0 << 8 ^ oggTable[Int(UInt8($0 >> 24) ^ $1)] })
}

private let oggTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte) << 24) { value, _ in value & 1 << 31 != 0 ? value << 1 ^ 0x04c1_1db7 : value << 1 }
}
