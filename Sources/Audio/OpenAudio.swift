package import Archives
import FileIO

/// Opens audio: FLAC, also in Ogg, with libFLAC, which checks its checksums; MP3, also in WAV, with libmpg123; everything
/// else with libsndfile. What is named `.flac` must be FLAC. `checkingMD5` is for whole files.
///
/// Each decoder gets only what has been found to be whole, so that the length of its stream is what can be decoded, not
/// what a header declares; a `Failure` of kind `badInput` says what the two are where they differ.
package func openAudio(_ audio: EncodedFile, checkingMD5: Bool = false) throws -> any AudioStream {
  let name = audio.name
  let file = try EncodedReader(audio)
  let tags = leadingTags(file)
  let reader = tags == 0 || tags == file.size ? file : file.stretch(tags..<file.size)
  let head = reader.bytes(at: 0, count: headerBytes)
  if let failure = file.failure { throw asBadInput(failure) }
  guard let kind = AudioKind(head) else { throw notAudio(head, name: name, wanted: wanted(name)) }
  if isFLACName(name), kind != .flac { throw notAudio(head, name: name, wanted: wanted(name)) }
  switch kind {
  case .flac: return try FLACStream(reader, name: name, checkingMD5: checkingMD5)
  case .ogg: return try openOgg(reader, name: name, checkingMD5: checkingMD5)
  case .mpeg: return try openMPEG(reader, name: name)
  case .other: throw notAudio(head, name: name, wanted: wanted(name))
  case .riff, .bigEndianRIFF, .rf64, .wave64, .aiff, .au, .caf, .sphere:
    return try openSamples(kind, reader, name: name)
  }
}

private func isFLACName(_ name: String) -> Bool { name.lowercased().hasSuffix(".flac") }

/// What a file of this name should be.
private func wanted(_ name: String) -> String { isFLACName(name) ? AudioFormat.flac : "audio" }

private func openSamples(_ kind: AudioKind, _ reader: EncodedReader, name: String) throws -> any AudioStream {
  guard let span = try SampleSpan.find(kind, reader, name: name) else {
    throw Failure(
      .badInput, path: name, "cut short or damaged: the \(kind.name) header names no place where samples begin")
  }
  do { return try openSamples(span, kind, reader, name: name) } catch var failure as Failure {
    if failure.kind == .badInput, let doubt = span.doubt { failure.reason += "; \(doubt)" }
    throw failure
  }
}

private func openSamples(
  _ span: SampleSpan, _ kind: AudioKind, _ reader: EncodedReader, name: String
) throws -> any AudioStream {
  let range = try span.measured(reader, name: name)
  if let failure = reader.failure { throw asBadInput(failure) }
  if span.isMPEG { return try openMPEG(reader.stretch(range), name: name) }
  // libsndfile takes everything to the end of such files for samples.
  let zeros = span.adaptive?.rest(of: range.count) ?? 0
  let hasNoEnd = [.sphere, .au, .wave64].contains(kind) || span.isPadded || zeros > 0
  let reader = hasNoEnd ? reader.stretch(0..<max(range.upperBound, 0), zeros: zeros) : reader
  if span.declared == nil || span.isPadded || zeros > 0 {
    reader.patches = span.corrections(range.count + (span.isPadded ? 1 : 0) + zeros)
  }
  reader.patches += span.disguises
  // libsndfile knows the older name of the format only.
  if reader.has("BW64", at: 0) { reader.patches.append((0, Array("RF64".utf8))) }
  return try SoundFileStream(
    reader, name: name, frames: span.block.map { range.count / $0 },
    padding: span.adaptive?.missing(of: range.count) ?? 0)
}

private func openMPEG(_ reader: EncodedReader, name: String) throws -> any AudioStream {
  let segments = try MPEGFrames(reader, name: name).segments
  func open(_ i: Int) throws -> any AudioStream { try MPEGStream(reader.stretch(segments[i].range), name: name) }
  return segments.count == 1 ? try open(0) : try ChainedStream(count: segments.count, name: name, open: open)
}

private func openOgg(_ reader: EncodedReader, name: String, checkingMD5: Bool) throws -> any AudioStream {
  let links = try OggLinks(reader, name: name).links
  func open(_ i: Int) throws -> any AudioStream {
    let stretch = reader.stretch(links[i].range)
    stretch.patches = links[i].patches
    guard links[i].coding == .flac else { return try SoundFileStream(stretch, name: name) }
    return try FLACStream(stretch, name: name, checkingMD5: checkingMD5, isInOgg: true)
  }
  return links.count == 1 ? try open(0) : try ChainedStream(count: links.count, name: name, open: open)
}
