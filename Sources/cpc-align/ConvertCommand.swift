import ArgumentParser
import CommandSupport
import FileIO
import Labels

struct ConvertCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write an alignment in another format.",
    discussion: """
      Reads alignments in any format, from a file, a folder, an archive or a dataset's plane (DATASET or DATASET:PLANE), \
      and writes them in another. Times go through as they are spelled, labels of frames one by one. From times to \
      frames, a frame takes the label at its centre; from frames to times, runs of equal labels become intervals.

      A TextGrid or JSON file has one utterance: -o names a folder, and files are called by the ids, in folders where the \
      ids are paths (SPEAKER/FILE). Read back, such files have their path for an id, without the ending; LibriSpeech's, \
      whose names say what their folders say, their name; with --lengths the id that is listed there. Of frames there are \
      as many as the utterance's length asks for: --lengths gives it, a dataset has it; without, an utterance ends with \
      its last label. \
      With --lengths, labels that do not fit their utterance are named and left out.

      Words with their times (the key words of jsonl and of a dataset's list, the tier words of textgrid and mfa-json) go \
      with the phones into these formats. --tier words converts them instead of the phones, for example to a CTM of \
      words, and leaves silences out; --tier phones converts the phones alone.

      EXAMPLES
        MFA's TextGrids as JSON Lines, for jq; as labels that CPC's own code reads:
          cpc-align convert textgrids/ --to jsonl -o labels.jsonl
          cpc-align convert textgrids/ --to cpc --lengths manifest.jsonl -o phones.txt

        In Praat, words and phones of the aligner; a CTM of words:
          cpc-scan dev | cpc-align --words -o dev.jsonl
          cpc-align convert dev.jsonl --to textgrid -o textgrids
          cpc-align convert dev.jsonl --tier words --to ctm -o words.ctm

        Kaldi's frames, numbers of phones.txt, with times:
          cpc-align convert ali.txt --kaldi-phones phones.txt --to ctm -o ali.ctm

      EXIT STATUS
        0 good; 1 failed, or finished with some utterances left out; 64 wrong usage.
      """)

  @Argument(help: ArgumentHelp("An alignment; '-' is standard input.", valueName: "input"), completion: .file())
  var input: String

  @Option(
    help: ArgumentHelp(
      "The format to write.", valueName: "format"))
  var to: LabelFormat

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file, or for textgrid and mfa-json the folder, to write; '-' is standard output, the default.",
      valueName: "output"), completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("The grid of cpc and kaldi. Default: snip-edges.", valueName: "grid"))
  var outputGrid = FrameGrid.snipEdges

  @Option(
    help: ArgumentHelp("The lengths of the utterances: a manifest, or a dataset.", valueName: "manifest|dataset"),
    completion: .file())
  var lengths: String?

  @Option(
    help: ArgumentHelp("Give this label to what has none; cpc, textgrid and mfa-json need it.", valueName: "label"))
  var fill: String?

  @Flag(help: "Replace files that exist.")
  var force = false

  @Flag(help: "Stop at the first bad utterance.")
  var strict = false

  @OptionGroup(title: "READING ALIGNMENTS") var labels: LabelOptions
  @OptionGroup(title: "READING ALIGNMENTS") var phoneSet: PhoneSetOption
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if to.isOneUtterance, output == nil || output == "-" {
      throw ValidationError("--to \(to.rawValue) writes a file for each utterance: -o names a folder")
    }
  }

  func execute(_ console: Console) throws -> Bool {
    var reading = try labels.reading(phoneSet.phones())
    if labels.tier == nil { reading.tiers = .withWords }
    let source = try openLabels(input, reading)
    // A dataset knows its own.
    let lengths = try (lengths ?? datasetPlane(input)?.folder).map { try UtteranceLengths($0) }
    var writer = LabelWriter(to)
    writer.grid = outputGrid
    writer.phoneSet = reading.phoneSet
    writer.symbols = reading.symbols
    writer.fill = fill
    writer.areWords = reading.tiers.areWords
    let result = to.isOneUtterance ? nil : try ResultFile(output, force: force)
    if to.isOneUtterance { try Folder.create(output!) }
    var (written, bad, withoutWords, badWords) = (0, 0, 0, 0)
    var places: [SIMD2<UInt64>: String] = [:]
    while true {
      do {
        guard var track = try source.next() else { break }
        do {
          let listed = try lengths.map { try $0(track) }
          track.id = listed?.id ?? track.id
          if let earlier = places.updateValue(track.position, forKey: XXH3.key128(track.id)) {
            throw Failure(.badInput, "labelled twice, first in \(earlier)")
          }
          let text = try writer.text(of: track, samples: listed?.samples)
          try write(text, of: track, to: result)
          written += 1
          if track.words != nil, !to.holdsWords { withoutWords += 1 }
          if let problem = track.wordsProblem, to.holdsWords {
            let failure = Failure(.badInput, path: source.path, at: track.position, "without its words: \(problem)")
            try report(InputProblem(id: track.id, failure), &badWords, console, as: "\(Self.toolName): warning")
          }
        } catch var failure as Failure where failure.kind == .badInput {
          failure.path = source.path
          failure.position = [track.position, failure.position].compactMap { $0 }.joined(separator: ", ")
          try report(InputProblem(id: track.id, failure), &bad, console)
        }
      } catch let failure as Failure where failure.kind == .badInput && !strict {
        try report(InputProblem(failure), &bad, console)
      }
    }
    console.finish()
    guard written > 0 else { throw Failure(.badInput, path: source.path, "no alignment could be written") }
    try result?.finish()
    if let mends = source.mends.description { console.note("\(source.path): \(mends)") }
    console.note(
      "\(counted(written, "utterance")) converted from \(formats(of: source)) to \(to.rawValue)"
        + (bad > 0 ? ", \(grouped(bad)) left out" : ""))
    if withoutWords > 0 {
      console.note(
        "  the words of \(counted(withoutWords, "utterance")) are left out: \(to.rawValue) has no place for them beside "
          + "phones; --tier words writes them alone")
    }
    if badWords > 0 { console.note("  \(counted(badWords, "utterance")) without the words that could not be used") }
    return bad == 0 && badWords == 0
  }

  private func report(
    _ problem: InputProblem, _ bad: inout Int, _ console: Console, as word: String = "skipped"
  ) throws {
    if strict { throw problem.failure }
    bad += 1
    console.report(problem, as: word)
  }

  private func write(_ text: String, of track: LabelTrack, to result: ResultFile?) throws {
    if let result { return try result.write(Array(text.utf8)) }
    let folders = track.id.pieces(at: "/")
    guard folders.allSatisfy({ !$0.isEmpty && !$0.begins(with: ".") }), !track.id.hasControlCharacter else {
      throw Failure(.badInput, "the id is no name of a file")
    }
    // File systems allow 255 bytes, and a file has a longer name while it is written.
    guard folders.allSatisfy({ $0.utf8.count <= 255 }), folders.last!.utf8.count + to.fileExtension.utf8.count <= 246
    else { throw Failure(.badInput, "the id is too long for the name of a file") }
    let path = "\(output!)/\(track.id).\(to.fileExtension)"
    if folders.count > 1 { try Folder.create(Folder.parent(of: path)) }
    if !force, Folder.kind(of: path) != nil {
      throw Failure(.exists, path: path, "the file exists", hint: "--force replaces it")
    }
    try writeAtomically(to: path) { try $0.write(text) }
  }
}
