import ArgumentParser
import CommandSupport
import Contents
import FileIO
import Shards

@main
struct CatCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-cat",
    abstract: "Take records or whole utterances out of a dataset or a record stream, for the next program in the pipe.",
    discussion: """
      Without a selection everything comes, in order. Samples are 16-bit little-endian at 16 kHz; the zero padding of \
      an utterance's last record is left out. Images come as PNG (--png), texts as sentences (--text).

      EXAMPLES
        Listen to a record, or put a whole utterance together again:
          cpc-cat dev --record 42 --wav | play -
          cpc-cat dev --utterance 84-121123-0000 --wav > 84-121123-0000.wav
        A line for each record: utterance, speaker, offset, length, phone labels:
          cpc-cat dev | head -3
        A line for each utterance, with its samples:
          cpc-cat dev --utterances --samples | jq '.samples | length'
        Raw samples of the first hundred records, from a stream:
          cpc-shard dev-clean.tar.gz -o - \\
            | cpc-cat - --record 0-99 --raw > samples.s16
        Every utterance as a WAV file again:
          cpc-cat dev --utterances --wav -o wavs
        A picture of a dataset of images, or all of them:
          cpc-cat photos --record 7 --png > 7.png
          cpc-cat photos --png -o pngs
        The sentences of a dataset of texts, words without an id as <unk>:
          cpc-cat books --text | head
        A tar stream for the Python package webdataset, and a part of it:
          cpc-cat dev --webdataset > dev.tar
          cpc-cat dev --webdataset --record 0-4095 > dev-000.tar
        Images as records again, with the names of their classes:
          cpc-cat photos --webdataset > photos.tar
          cpc-shard photos.tar --layout webdataset --class-column class -o again
        A CutSet for lhotse, which cpc-scan --layout lhotse reads, too:
          cpc-cat dev --lhotse -o cuts
          python -c 'import lhotse; print(lhotse.CutSet.from_file("cuts/cuts.jsonl"))'

      WEBDATASET AND LHOTSE
        In the tar, each record has KEY.json, of audio with KEY.samples.npy and KEY.phones.npy (where there are labels), \
      of images with KEY.png and KEY.cls (the class's number), of texts with KEY.txt (a sentence a line), and KEY.NAME.npy \
      for added labels. The CutSet is cuts.jsonl and audio/*.wav, with phones and added labels as alignments; the paths in \
      it begin as -o does.
      """,
    version: toolsVersion)

  @Argument(
    help: "A dataset folder, or '-' for a record stream on standard input (the default unless it is a terminal).",
    completion: .directory)
  var input: String?

  @Option(
    name: .customLong("record"),
    help: ArgumentHelp("A record, or a range such as 0-99, numbered from 0. May be repeated.", valueName: "n"))
  var records: [RecordRange] = []

  @Option(
    name: .customLong("utterance"), help: ArgumentHelp("A whole utterance by its id. May be repeated.", valueName: "id")
  )
  var ids: [String] = []

  @Flag(help: "Whole utterances instead of records.")
  var utterances = false

  @Flag(
    help: """
      What comes out: jsonl (a line each, the default), raw (the bytes of the payload), wav (of audio), png (of images), text (of texts: \
      a sentence a line, its words with spaces between them), webdataset (a tar of records) or lhotse (whole utterances as a \
      CutSet).
      """)
  var format = Format.jsonl

  @Flag(help: "With jsonl: the payload too, the samples of audio or the numbers of features, in one array each.")
  var samples = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("A new folder for one file each; needed for more than one WAV or PNG.", valueName: "folder"))
  var output: String?

  @OptionGroup var common: CommonOptions

  enum Format: EnumerableFlag { case jsonl, raw, wav, png, text, webdataset, lhotse }

  func validate() throws {
    if !records.isEmpty, utterances || !ids.isEmpty {
      throw ValidationError("--record selects records, --utterance and --utterances whole utterances: not both")
    }
    if format == .webdataset, utterances || !ids.isEmpty || output != nil {
      throw ValidationError("--webdataset writes records, as one archive to standard output")
    }
    if format == .lhotse, output == nil || !records.isEmpty {
      throw ValidationError("--lhotse writes whole utterances, into the new folder -o")
    }
    if samples, format != .jsonl {
      throw ValidationError("--samples goes with jsonl; all others have them anyway")
    }
  }

  func execute(_ console: Console) throws -> Bool {
    guard let path = input ?? (File.standardInput.isTerminal ? nil : "-") else {
      throw Failure(.usage, "no input", hint: "a dataset folder, or a record stream on standard input")
    }
    let selection = ExcerptSelection(
      records: records.map(\.range), ids: ids, wholeUtterances: utterances || format == .lhotse,
      withTexts: format == .webdataset)
    // The input first: nothing is made for one that cannot be read.
    let dataset = path == "-" ? nil : try Dataset(opening: path)
    let writer: any ItemSink =
      switch format {
      case .webdataset: try webDataset(dataset)
      case .lhotse: try LhotseWriter(folder: output ?? "", note: { console.note($0) })
      default: try ItemWriter(format: format, withSamples: samples, folder: output, dataset: dataset)
      }
    let isWatched = output == nil && File.standardOutput.isTerminal
    var progress = Progress(
      done: 0, total: dataset.flatMap { total($0) },
      unit: utterances || !ids.isEmpty || format == .lhotse ? "utterances" : "records")
    var isWarned = dataset != nil || format != .webdataset
    func write(_ item: Excerpt) throws {
      if !isWarned, item.schema.kind == "image", item.isLabelled {
        isWarned = true
        console.note("a record stream has no names of classes: labels are written as numbers alone")
      }
      try writer.write(item)
      progress.done += 1
      console.show(progress, besideResults: isWatched)
    }
    if let dataset {
      try selection.forEach(in: dataset, write)
    } else {
      try selection.forEach(in: RecordStreamReader(.standardInput), write)
    }
    try writer.finish()
    return true
  }

  /// How many items there will be.
  private func total(_ dataset: Dataset) -> Int {
    if !ids.isEmpty { return ids.count }
    if utterances || format == .lhotse { return dataset.utteranceCount }
    return records.isEmpty ? dataset.recordCount : records.reduce(0) { $0 + $1.range.count }
  }

  private func webDataset(_ dataset: Dataset?) throws -> WebDatasetWriter {
    guard !File.standardOutput.isTerminal else {
      throw Failure(.usage, "an archive is binary: standard output is a terminal", hint: "redirect it")
    }
    let hasLabels = dataset.map { $0.index.labelHistogram.dropLast().contains { $0 > 0 } } ?? true
    return try WebDatasetWriter(.standardOutput, hasLabels: hasLabels, content: ItemContent(dataset).sample)
  }
}

/// `7` or `0-99`.
struct RecordRange: ExpressibleByArgument {
  var range: ClosedRange<Int>

  init?(argument: String) {
    let ends = argument.pieces(at: "-").map { Int($0) ?? -1 }
    guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 0, first <= last else { return nil }
    range = first...last
  }
}
