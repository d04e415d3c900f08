import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// What a survey finds in a manifest is what a walk would hand out.
@Suite struct ManifestSurveyTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Lines of all kinds, drawn at random: plain ones, unusual but good ones, repeated ids, and bad ones.
  private func line(_ random: inout SeededGenerator, _ number: Int) -> String {
    let id = "u-\(Int.random(in: 0..<4 * (number + 8), using: &random))"
    let samples = Int.random(in: 1...900_000, using: &random)
    let group = "g\(Int.random(in: 0..<9, using: &random))"
    let plain =
      #"{"id":"\#(id)","source":"a.tar","member":"x/\#(id).flac","group":"\#(group)","samples":\#(samples),"rate":16000"#
    switch Int.random(in: 0..<24, using: &random) {
    case 0: return ""
    case 1: return " \t "
    case 2: return plain
    case 3: return plain + "} x"
    case 4: return plain + #","id":"other"}"#
    case 5: return plain + #","offset":\#(samples)}"#
    case 6: return plain + #","offset":\#(samples / 2),"length":\#(samples)}"#
    case 7: return #"{"id":"","source":"a","group":"g","samples":1,"rate":16000}"#
    case 8: return #"{"id":"\#(id)","source":"a","group":"g","samples":0,"rate":16000}"#
    case 9: return #"{"id":"\#(id)","source":"a","group":"g","samples":200000000,"rate":16000}"#
    case 10: return #"{"id":"\#(id)","source":"a","group":"g","samples":1,"rate":96000}"#
    case 11: return plain + #","text":"bad \x escape"}"#
    case 12: return plain + #","split":""}"#
    case 13: return plain + #","text":"caf\u00e9 \"q\" é","note":[1,{"a":null}],"x":1.5}"#
    case 14:
      return #" { "id" : "\#(id)" , "source":"a", "group" : "é\#(group)", "samples": \#(samples) ,"rate":16000 } "#
    case 15: return plain + #","phones":[["SIL",0.0,0.21]],"text":null}"#
    case 16: return plain + #","offset":\#(samples / 3),"length":\#(max(1, samples / 3))}"#
    case 17: return plain.replacing("16000", with: "44100") + "}"
    case 18: return plain + #","member2":"m","extra":12,"other":"\#(group)"}"#
    case 19: return #"{"id":"\#(id)","source":"a","group":7,"samples":5,"rate":16000}"#
    case 20: return #"{"id":"\#(id)","source":"a","group":"g","samples":05,"rate":16000}"#
    case 21: return #"{"id":"\#(id)\#u{7f}","source":"a","group":"g","samples":5,"rate":16000}"#
    default: return plain + #","text":"THE \#(id)"}"#
    }
  }

  @Test(arguments: 1...12) func findsWhatAWalkHandsOut(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let ends = seed % 3 == 0 ? "\r\n" : "\n"
    // The last seeds are large enough to be read in several pieces.
    let count = seed < 10 ? 400 : 30_000
    var text = ""
    for number in 0..<count { text += line(&random, number) + ends }
    if seed % 2 == 0 { text.removeLast() }
    let path = folder("m.jsonl")
    try File.writing(path).write(text)

    let survey = try ManifestSurvey(manifest: path)
    var walked: [(id: String, samples: Int, group: String)] = []
    let corpus = try Corpus(manifest: File.reading(path))
    while let event = try corpus.next() {
      if case .declared(let item) = event { walked.append((item.entry.id, item.entry.units, item.entry.group)) }
    }
    #expect(walked.count > count / 5 && !survey.repeated.isEmpty)
    #expect(survey.utterances.map { Int($0.units) } == walked.map(\.samples))
    #expect(survey.utterances.map { survey.groups[Int($0.group)] } == walked.map(\.group))
    var names: [String] = []
    for utterance in walked where !names.contains(utterance.group) { names.append(utterance.group) }
    #expect(survey.groups == names)

    // A walk from the middle goes on as the whole one does.
    for first in [0, 1, walked.count / 2, walked.count - 1] {
      let rest = try Corpus(manifest: path, survey, from: first, options: CorpusOptions())
      var ids: [String] = []
      while let event = try rest.next() { if case .declared(let item) = event { ids.append(item.entry.id) } }
      #expect(ids == walked[first...].map(\.id), "from \(first)")
    }
  }

  @Test func refusesAPipe() throws {
    #expect(throws: Failure.self) { try ManifestSurvey(manifest: "/dev/null") }
    #expect(throws: Failure.self) { try ManifestSurvey(manifest: folder("absent.jsonl")) }
  }
}
