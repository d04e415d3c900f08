import Audio
import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// Kaldi data folders as people have them.
struct KaldiFolderTests {
  private let temporary: TemporaryFolder
  private let left = SpeechCorpus.speech(count: 32_000, seed: 1)
  private let right = SpeechCorpus.speech(count: 32_000, seed: 2)

  init() throws {
    temporary = try TemporaryFolder()
    try Folder.create(temporary("k"))
    try AudioFile.write(left, to: temporary("mono.wav"), format: .wav)
    let both = zip(left, right).flatMap { [$0, $1] }
    try AudioFile.write(both, to: temporary("st.wav"), format: .wav, channels: 2)
    try AudioFile.write(both, to: temporary("st.flac"), channels: 2)
    try AudioFile.write(both, to: temporary("st.sph"), format: .sphere, channels: 2)
  }

  private func table(_ name: String, _ lines: String...) throws {
    try write(lines.joined(separator: "\n") + "\n", to: temporary("k/\(name)"))
  }

  private func walk(_ channels: ChannelRule? = nil) throws -> Walked {
    var options = CorpusOptions(layout: .kaldi, audioRoot: temporary.path)
    options.channels = channels
    return try Walked(Corpus.opening([temporary("k")], options: options).corpus)
  }

  private func samples(_ utterance: CorpusUtterance) throws -> [Int16] {
    let buffer = SampleBuffer()
    _ = try AudioDecoder().decode(utterance.piece, into: buffer)
    return Array(buffer.samples)
  }

  private func complains(_ walked: Walked, _ id: String, _ reason: String) -> Bool {
    walked.problems.contains { $0.id == id && "\($0.failure)".contains(reason) }
  }

  @Test(arguments: ["st.wav", "st.flac", "st.sph"]) func segmentsWithChannels(file: String) throws {
    try table("wav.scp", "call \(file)")
    try table("segments", "call-A call 0.5 1.5 0", "call-B call 0.5 1.5 1", "call-C call 0 1 2", "call-D call 0 1 x")
    try table("utt2spk", "call-A A", "call-B B", "call-C C", "call-D D")
    let walked = try walk()
    #expect(walked.ids == ["call-A", "call-B"])
    #expect(try walked.utterances.map(samples) == [Array(left[8_000..<24_000]), Array(right[8_000..<24_000])])
    #expect(walked.utterances.map(\.entry.channel) == [.one(1), .one(2)])
    #expect(complains(walked, "call-C", "it has 2 channels: there is no channel 3"), "\(walked.complaints)")
    #expect(complains(walked, "call-D", "the channel is 'x'"), "\(walked.complaints)")
  }

  @Test func channelsOfCommandsAndOfRecordings() throws {
    try table(
      "wav.scp", "a sph2pipe -f wav -p -c 1 st.sph |", "b sph2pipe -f wav -p -c 2 st.sph |", "c st.wav", "d st.wav",
      "e sox st.wav -t wav - remix 2 |", "f mono.wav", "g flac -c -d -s st.flac |", "h sox mono.wav -r 8000 -t wav - |",
      "i sox mono.wav -r 16000 -t wav - |", "j sph2pipe -c 2 mono.wav |", "k sox st.wav -c 1 -t wav - |")
    try table("reco2file_and_channel", "a st A", "b st B", "c st A", "d st B", "e st A", "f mono A", "g st 2")
    try table("utt2spk", "a a", "b b", "c c", "d d", "e e", "f f", "g g", "h h", "i i", "j j", "k k")
    let walked = try walk()
    #expect(walked.ids == ["a", "b", "c", "d", "e", "f", "g", "i", "k"])
    let mean = zip(left, right).map { Int16(((Double($0) + Double($1)) / 2).rounded(.toNearestOrEven)) }
    #expect(
      try walked.utterances.map(samples) == [left, right, left, right, right, left, right, left, mean])
    #expect(complains(walked, "h", "makes 8000 Hz of 16000 Hz"), "\(walked.complaints)")
    #expect(complains(walked, "j", "it has one channel: there is no channel 2"), "\(walked.complaints)")
  }

  @Test func nobodySaysWhichChannel() throws {
    try table("wav.scp", "a st.wav", "b mono.wav")
    try table("spk2utt", "s a b")
    try table("text", "a  TWO  WORDS ", "b ONE")
    #expect(try walk().ids == ["b"])
    let second = try walk(.one(2))
    #expect(try second.utterances.map(samples) == [right])
    #expect(complains(second, "b", "it has one channel"))
    let each = try walk(.each)
    #expect(each.ids == ["a-1", "a-2", "b"])
    #expect(each.utterances.map(\.entry.group) == ["s-1", "s-2", "s"])
    #expect(try each.utterances.map(samples) == [left, right, left])
    #expect(each.utterances.map(\.entry.text) == [nil, nil, "ONE"])
    #expect(complains(each, "a", "whose it is cannot be told"))
  }

  @Test func lineEndsAndFurtherTables() throws {
    for (name, text) in [
      ("wav.scp", "r\tmono.wav\r\n"), ("segments", "r-1   r\t0.5  1.0\r\nr-2 r 1 -1\r\n"),
      ("spk2utt", "S r-2 r-1\r\n"), ("text", "r-2 SAID  TWICE\r\nr-1\tHELLO\r\n"), ("utt2dur", "r-1 0.5\r\n"),
      ("reco2dur", "r 2.0\r\n"),
    ] { try write(text, to: temporary("k/\(name)")) }
    let walked = try walk()
    #expect(walked.problems.isEmpty, "\(walked.complaints)")
    #expect(walked.utterances.map(\.entry.group) == ["S", "S"])
    #expect(walked.utterances.map(\.entry.text) == ["HELLO", "SAID  TWICE"])
    #expect(try walked.utterances.map(samples) == [Array(left[8_000..<16_000]), Array(left[16_000...])])
  }

  @Test func whatIsCutAndWhatIsNotUsedIsCounted() throws {
    try table("wav.scp", "a mono.wav", "b mono.wav", "c mono.wav")
    try table("segments", "a-1 a 0 1", "a-2 a 1 2.04", "b-1 b 1.5 2.4993", "b-2 b 0 2.6")
    try table("utt2spk", "a-1 s", "a-2 s", "b-1 s", "b-2 s", "x s", "y s")
    let corpus = try Corpus.opening([temporary("k")], options: CorpusOptions(layout: .kaldi, audioRoot: temporary.path))
      .corpus
    let walked = try Walked(corpus)
    #expect(walked.ids == ["a-1", "a-2", "b-1"])
    #expect(walked.utterances.map(\.entry.units) == [16_000, 16_000, 8_000])
    #expect(complains(walked, "b-2", "ends at 2.6 s, after the end of the audio"), "\(walked.complaints)")
    #expect(
      corpus.notes == [
        "2 pieces go on after the end of the audio, by up to 500 ms: cut there", "1 recording in no segment",
        "2 utterances of utt2spk that segments lacks",
      ])
  }

  @Test func idsThatMeet() throws {
    try table("wav.scp", "a st.wav", "a-1 mono.wav")
    try table("utt2spk", "a s", "a-1 t")
    let walked = try walk(.each)
    #expect(walked.ids == ["a-1", "a-2"])
    #expect(complains(walked, "a-1", "line 2: duplicate utterance id 'a-1'"), "\(walked.complaints)")
  }

  @Test func contradictions() throws {
    try table("wav.scp", "a st.wav", "b sph2pipe -c 1 st.sph |")
    try table("segments", "a-1 a 0 1 0", "a-2 a 0 1 1", "b-1 b 0 1")
    try table("reco2file_and_channel", "a st A", "b st B")
    try table("spk2utt", "s a-1 a-2 b-1")
    let walked = try walk()
    #expect(walked.ids == ["a-1"])
    #expect(complains(walked, "a-2", "line 2: reco2file_and_channel says channel 1, and segments says 2"))
    #expect(complains(walked, "b-1", "reco2file_and_channel says channel 2, and the command takes channel 1"))
    try table("spk2utt", "s a-1 a-2")
    #expect(complains(try walk(), "b-1", "no speaker in spk2utt"))
  }

  @Test func aMeanThatIsWeighted() throws {
    try AudioFile.write(left.flatMap { [$0, $0, $0] }, to: temporary("three.wav"), format: .wav, channels: 3)
    try table("wav.scp", "a ffmpeg -i three.wav -ac 1 -f wav - |", "b ffmpeg -i st.wav -ac 1 -f wav - |")
    try table("utt2spk", "a s", "b s")
    let walked = try walk()
    #expect(walked.ids == ["b"])
    #expect(complains(walked, "a", "line 1: the command of 'a' mixes 3 channels"), "\(walked.complaints)")
  }

  @Test func aChannelThatIsNotThereIsNamedWithItsLine() throws {
    try table("wav.scp", "a st.wav")
    try table("segments", "a-1 a 0 1 2")
    try table("utt2spk", "a-1 s")
    let walked = try walk()
    #expect(complains(walked, "a-1", "segments: line 1: \(temporary("st.wav")): it has 2 channels"))
  }
}
