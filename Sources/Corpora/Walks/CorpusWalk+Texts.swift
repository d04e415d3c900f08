import FileIO
import Layouts
import Manifests
import Members

/// Files of text: transcripts and what is known of the speakers.
extension CorpusWalk {
  func text(_ bytes: [UInt8], _ ids: [String], isTimed: Bool, _ member: Member) -> [CorpusEvent] {
    var words: [String] = []
    for line in parseTextLines(bytes, name: member.label) {
      switch line {
      case .value(let text): words.append(text)
      // Half a text is none.
      case .problem(let failure): return [.problem(InputProblem(failure))]
      }
    }
    if isTimed {
      let parts = words.joined(separator: " ").pieces(at: " ", maxSplits: 2, omittingEmpty: true)
      guard parts.count == 3, Int(parts[0]) != nil, Int(parts[1]) != nil else {
        return [.problem(InputProblem(Failure(.badInput, path: member.label, "not 'FIRST END TEXT', in samples")))]
      }
      words = [String(parts[2])]
    }
    guard !words.isEmpty else { return [] }
    return ids.compactMap { transcript($0, words.joined(separator: " "), member) }
  }

  /// Reads a text file of the corpus and queues what it says.
  func lines(of member: Member, _ events: ([UInt8]) -> [CorpusEvent]) -> CorpusEvent? {
    do {
      // Of Multilingual LibriSpeech, transcripts take more than 2 GiB.
      queue = events(try member.read(limit: 1 << 32)).reversed()
      return nil
    } catch {
      var failure = asBadInput(error)
      failure.path = failure.path ?? member.label
      return .problem(InputProblem(failure))
    }
  }

  func transcripts(_ bytes: [UInt8], _ form: TranscriptForm, _ member: Member) -> [CorpusEvent] {
    parseTranscripts(bytes, form, name: member.label).compactMap { line in
      switch line {
      case .problem(let failure): return .problem(InputProblem(failure))
      case .value(let (id, text)): return transcript(id, text, member)
      }
    }
  }

  private func transcript(_ id: String, _ text: String, _ member: Member) -> CorpusEvent? {
    switch register.enterTranscript(id, text: text, place: member.label) {
    case .new: .transcript(id: id, text: text)
    case .repeated, .ofBadAudio: nil
    case .ofDividedAudio: .problem(InputProblem(id: id, Failure(.badInput, path: member.label, ofSeveral(["a text"]))))
    case .contradicts:
      .problem(InputProblem(id: id, Failure(.badInput, path: member.label, "a second transcript with another text")))
    }
  }

  func speakers(_ bytes: [UInt8], _ member: Member) -> [CorpusEvent] {
    var speakers: [Speaker] = []
    var events: [CorpusEvent] = []
    for line in parseSpeakers(bytes, name: member.label) {
      switch line {
      case .value(let speaker): speakers.append(speaker)
      case .problem(let failure): events.append(.problem(InputProblem(failure)))
      }
    }
    if !speakers.isEmpty { events.append(.speakers(speakers)) }
    return events
  }
}
