import FileIO

/// What the programs of Kaldi's recipes do with the audio that they read.
extension AudioCommand {
  static func cat(_ words: inout WordQueue) throws -> Stage {
    var input = Input()
    while let word = words.next() {
      guard !word.begins(with: "-") || isSame(word, "-") else { throw unknown("cat", word) }
      try input.take(word)
    }
    return (input.file, nil, nil, nil)
  }

  static func flac(_ words: inout WordQueue) throws -> Stage {
    var input = Input()
    var decodes = false
    var toOutput = false
    while let word = words.next() {
      switch word {
      case "--decode": decodes = true
      case "--stdout": toOutput = true
      case "--silent", "--totally-silent", "--force", "--no-warnings-as-errors": break
      case "-o", "--output-name":
        guard let name = words.next(), isOutput(name) else { throw Failure(.badInput, "it writes a file") }
        toOutput = true
      case "-": try input.take(word)
      case _ where word.begins(with: "-") && !word.begins(with: "--"):
        for letter in word.dropping(first: 1) {
          switch letter {
          case "d": decodes = true
          case "c": toOutput = true
          case "s", "f": break
          default: throw unknown("flac", "-\(letter)")
          }
        }
      case _ where word.begins(with: "--skip") || word.begins(with: "--until"): throw refusal("flac", word)
      case _ where word.begins(with: "-"): throw unknown("flac", word)
      default: try input.take(word)
      }
    }
    guard decodes else { throw Failure(.badInput, "flac without -d encodes") }
    guard toOutput || input.file == nil else { throw Failure(.badInput, "flac without -c writes a file") }
    return (input.file, nil, nil, nil)
  }

  static func sph2pipe(_ words: inout WordQueue) throws -> Stage {
    var input = Input()
    var hasInput = false
    var selection: Selection?
    while let word = words.next() {
      switch word {
      // Of sph2pipe "-" is its output.
      case "-p", "-": break
      case _ where word.begins(with: "-f"):
        let format = word.utf8.count > 2 ? String(word.dropping(first: 2)) : words.next() ?? ""
        guard ["wav", "rif", "sph", "au", "aif", "aiff"].contains(where: { isSame($0, format) }) else {
          throw refusal("sph2pipe", "-f \(format)")
        }
      case _ where word.begins(with: "-c"):
        selection = try channel(word.utf8.count > 2 ? String(word.dropping(first: 2)) : words.next(), "sph2pipe")
      case _ where ["-t", "-s", "-u", "-a"].contains { word.begins(with: $0) }: throw refusal("sph2pipe", word)
      case _ where word.begins(with: "-"): throw unknown("sph2pipe", word)
      default:
        if hasInput, isOutput(word) { continue }
        hasInput = true
        try input.take(word)
      }
    }
    return (input.file, selection, nil, nil)
  }

  static func ffmpeg(_ words: inout WordQueue) throws -> Stage {
    var input = Input()
    var hasInput = false
    var hasOutput = false
    var (mapped, panned): (Selection?, Selection?)
    var mixes = false
    var rate: Int?
    while let word = words.next() {
      switch word {
      case "-nostdin", "-hide_banner", "-y", "-nostats", "-vn", "-sn", "-dn": break
      case "-v", "-loglevel", "-threads": _ = words.next()
      case "-i":
        hasInput = true
        try input.take(words.next() ?? "-")
      case "-f":
        guard let format = words.next(),
          !hasInput || ["wav", "flac", "aiff", "au"].contains(where: { isSame($0, format) })
        else { throw refusal("ffmpeg", word) }
      case "-acodec", "-c:a", "-codec:a", "-c", "-codec":
        guard hasInput, let codec = words.next(),
          ["pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_f32le", "flac", "copy"]
            .contains(where: { isSame($0, codec) })
        else { throw refusal("ffmpeg", word) }
      case "-ac":
        guard hasInput, isSame(words.next(), "1") else { throw refusal("ffmpeg", word) }
        mixes = true
      case "-ar":
        guard hasInput else { throw refusal("ffmpeg", word) }
        rate = try Self.rate(words.next(), "ffmpeg")
      case "-map":
        guard let map = words.next(), ["0:a", "0:a:0", "0:0", "0"].contains(where: { isSame($0, map) }) else {
          throw refusal("ffmpeg", word)
        }
      case "-map_channel":
        let place = (words.next() ?? "").pieces(at: ".").map { Int($0) }
        guard mapped == nil, place.count == 3, place[0] == 0, place[1] == 0, let number = place[2], number >= 0 else {
          throw refusal("ffmpeg", word)
        }
        mapped = .one(number + 1)
      case "-af", "-filter:a":
        let filter = words.next() ?? ""
        guard panned == nil, let number = channel(panning: filter) else { throw refusal("ffmpeg", "\(word) \(filter)") }
        panned = .one(number)
      case _ where isOutput(word) && hasInput: hasOutput = true
      case "-ss", "-t", "-to", "-filter_complex", "-vol": throw refusal("ffmpeg", word)
      case _ where word.begins(with: "-"): throw unknown("ffmpeg", word)
      default: throw Failure(.badInput, "it writes the file '\(word)'")
      }
    }
    guard hasInput, hasOutput else { throw Failure(.badInput, "ffmpeg needs -i FILE and - for its output") }
    let chosen = try compose(mapped, panned)
    // Its matrix for more than two channels is that of a listening room, not the mean.
    return (input.file, try compose(chosen, mixes ? .mean : nil), rate, mixes && chosen == nil ? 2 : nil)
  }

  /// The channel, from 1 on, that `pan=mono|c0=c1` takes.
  private static func channel(panning filter: String) -> Int? {
    for start in ["pan=mono|c0=", "pan=1c|c0="] where filter.begins(with: start) {
      let name = String(filter.dropping(first: start.utf8.count))
      if isSame(name, "FL") { return 1 }
      if isSame(name, "FR") { return 2 }
      guard name.begins(with: "c"), let number = Int(name.dropping(first: 1)), number >= 0 else { return nil }
      return number + 1
    }
    return nil
  }
}
