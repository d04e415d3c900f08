import FileIO
import OrderedJSON
import Shards
import TestSupport

/// The same utterances in every layout, so that what comes of them can be compared.
struct RelaidCorpus {
  struct Utterance {
    var id: String
    var speaker: String
    var chapter: String
    var text: String
    var samples: [Int16]
  }

  let utterances: [Utterance]

  init(_ corpus: SpeechCorpus) {
    utterances = corpus.utterances.map {
      Utterance(id: $0.id, speaker: $0.speaker, chapter: $0.chapter, text: $0.text, samples: $0.samples)
    }
  }

  init(_ utterances: [Utterance]) { self.utterances = utterances }

  /// `SPEAKER/CHAPTER/ID.ext`, one format after the other, and the text beside it.
  func writeSpeakerFolders(_ folder: String) throws {
    let formats: [(AudioFile.Format, String)] = [
      (.wav, "wav"), (.flac, "flac"), (.aiff, "AIFF"), (.au, "au"), (.sphere, "sph"), (.wavFloat, "wave"),
    ]
    for (i, utterance) in utterances.enumerated() {
      let parent = "\(folder)/\(utterance.speaker)/\(utterance.chapter)"
      try Folder.create(parent)
      let (format, name) = formats[i % formats.count]
      try AudioFile.write(utterance.samples, to: "\(parent)/\(utterance.id).\(name)", format: format)
      try File.writing("\(parent)/\(utterance.id).txt").write(utterance.text + "\n")
    }
  }

  /// `SPEAKER/CHAPTER/rec.flac`, each chapter in one recording with silence around its utterances.
  func writeLibriLight(_ folder: String) throws {
    for (speaker, chapter, members) in chapters {
      let parent = "\(folder)/\(speaker)/\(chapter)"
      try Folder.create(parent)
      let (samples, ranges) = recording(members)
      try AudioFile.write(samples, to: "\(parent)/rec.flac")
      let intervals = ranges.map { JSON.array([seconds($0.lowerBound), seconds($0.upperBound)]) }
      let json = JSON.object(["speaker": .string(speaker), "snr": .real(7.5), "voice_activity": .array(intervals)])
      try File.writing("\(parent)/rec.json").write(json.compact + "\n")
    }
  }

  /// wav.scp with paths relative to `root`, segments, utt2spk and text; the recordings are WAV files in `root`/audio.
  func writeKaldi(_ folder: String, root: String) throws {
    try Folder.create(folder)
    try Folder.create("\(root)/audio")
    var tables = ["wav.scp": "", "segments": "", "utt2spk": "", "text": ""]
    for (speaker, chapter, members) in chapters {
      let (samples, ranges) = recording(members)
      try AudioFile.write(samples, to: "\(root)/audio/\(speaker)-\(chapter).wav", format: .wav)
      tables["wav.scp"]! += "\(speaker)-\(chapter) audio/\(speaker)-\(chapter).wav\n"
      for (member, range) in zip(members, ranges) {
        tables["segments"]! +=
          "\(member.id) \(speaker)-\(chapter) \(seconds(range.lowerBound).compact) \(seconds(range.upperBound).compact)\n"
        tables["utt2spk"]! += "\(member.id) \(speaker)\n"
        tables["text"]! += "\(member.id) \(member.text)\n"
      }
    }
    for (name, text) in tables { try File.writing("\(folder)/\(name)").write(text) }
  }

  private var chapters: [(speaker: String, chapter: String, members: [Utterance])] {
    var result: [(speaker: String, chapter: String, members: [Utterance])] = []
    for utterance in utterances {
      if let last = result.last, last.speaker == utterance.speaker, last.chapter == utterance.chapter {
        result[result.count - 1].members.append(utterance)
      } else {
        result.append((utterance.speaker, utterance.chapter, [utterance]))
      }
    }
    return result
  }

  private func recording(_ members: [Utterance]) -> (samples: [Int16], ranges: [Range<Int>]) {
    var samples = [Int16](repeating: 5, count: 777)
    var ranges: [Range<Int>] = []
    for member in members {
      ranges.append(samples.count..<samples.count + member.samples.count)
      samples += member.samples + [Int16](repeating: -5, count: 333)
    }
    return (samples, ranges)
  }

  private func seconds(_ sample: Int) -> JSON { .real(Double(sample) / 16_000) }
}

/// What a dataset holds, utterance by utterance in its order.
func utterances(of dataset: String) throws -> [(line: UtteranceLine, samples: [Int16])] {
  let dataset = try Dataset(opening: dataset)
  let list = try dataset.utterances()
  var result: [(line: UtteranceLine, samples: [Int16])] = []
  while let line = try list.next() {
    var samples: [Int16] = []
    for record in dataset.records(ofUtterance: result.count) {
      dataset.withSamples(record) { samples += $0[..<dataset.valid(record)] }
    }
    result.append((line, samples))
  }
  return result
}

/// Every file of a folder, for an archive.
func members(_ folder: String) throws -> [ArchiveFile.Member] {
  try tree(folder).sorted { $0.key < $1.key }.map { ArchiveFile.Member($0.key, $0.value) }
}
