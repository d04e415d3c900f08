import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import OrderedJSON
import Sharding

struct MakeCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "make",
    abstract: "Make a dataset, a part of one, or a record stream of a corpus.",
    discussion: """
      Reads corpora (folders, .tar, .tar.gz, .tar.zst or .zip archives, or an archive on standard input) or manifests \
      written by cpc-scan, decodes every utterance once, and cuts it into windows of 20480 samples (1.28 s at \
      16 kHz) that never cross an utterance. Pictures and texts become records in the same way: a picture each, and six \
      sentences of a document. A corpus is laid out like LibriSpeech \
      (SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac, with *.trans.txt beside the audio and SPEAKERS.TXT where there is \
      one), or as --layout says: cpc-scan --help describes the layouts.

      EXAMPLES
        Make a dataset from an archive as it was downloaded, look at it, train on it:
          cpc-shard dev-clean.tar.gz -o dev
          cpc-inspect dev
          cpc-train dev -o run

        From an unpacked folder, from several archives, from the network:
          cpc-shard LibriSpeech/dev-clean -o dev
          cpc-shard train-clean-100.tar.gz train-clean-360.tar.gz -o train460
          curl -L https://www.openslr.org/resources/12/dev-clean.tar.gz \\
            | cpc-shard - -o dev

        Choose utterances, or give them parts, on the way (manifests are JSON Lines):
          cpc-scan dev-clean.tar.gz | jq -c 'select(.samples > 40960)' \\
            | cpc-shard -o dev
          cpc-scan dev-clean.tar.gz | cpc-split --by utterance --fraction valid=0.1 \\
            | cpc-shard -o dev

        Other layouts, other rates, several corpora in one dataset:
          cpc-shard VCTK-Corpus-0.92.zip --layout speaker-folders \\
            --below wav48_silence_trimmed --resample 16000 -o vctk
          cpc-shard data/train --layout kaldi --resample 16000 --mixdown -o train
          cpc-shard small.tar --layout libri-light -o ll
          cpc-scan VCTK-Corpus-0.92.zip --layout speaker-folders \\
            --below wav48_silence_trimmed -o vctk.jsonl
          cpc-scan train-clean-100.tar.gz -o ls.jsonl
          cpc-shard vctk.jsonl ls.jsonl --prefix-groups --resample 16000 -o both

        Train without storing anything:
          cpc-shard dev-clean.tar.gz -o - | cpc-train - -o run

        With phone labels of others: the CPC authors', MFA's TextGrids:
          cpc-shard train-clean-100.tar.gz --phones phones.zip -o ls100
          cpc-shard dev-clean.tar.gz --phones textgrids/ -o dev

        Inputs that are called like a subcommand (make, merge, …, help):
          cpc-shard make merge -o d
          cpc-shard ./merge -o d

      WHAT COMES OUT
        dev/dataset.json        what it is, what was skipped and why, all digests
        dev/utterances.jsonl    one line an utterance: id, group, text, its rows
        dev/index.safetensors   records of each utterance and of each speaker
        dev/splits/default.txt  the parts that the manifest gave
        dev/shards/00000.safetensors
                                the records: samples I16 [N, 20480], start,
                                checksum, valid, utterance, group, phones
        dev/shards/00000.NAME.safetensors
                                what cpc-shard add dev NAME=… added: checksum, NAME
      In Python: safetensors.numpy.load_file("dev/shards/00000.safetensors").

      PIECES AND RATES
        A manifest line with offset and length (samples) is a piece of a long file, of which only pieces are held; \
      lines of one file that follow one another are decoded in one pass. --resample 16000 changes other rates with \
      libsoxr, quality VHQ, to samples · 16000 / rate samples (halves rounded up); --mixdown takes the mean of the \
      channels. Samples of more than 16 bits, and what conversion gives, are rounded to the nearest (halves to even, no \
      dither); what goes beyond 16 bits is clipped and counted.

      A bad file (truncated, damaged, 8 kHz or stereo without these flags, not audio) is named with its place and the reason, left out, listed \
      in dataset.json, and makes the exit status 1; --strict stops at the first. A run that was stopped goes on when \
      the same command is started again; shards whose files have changed since are made again. The bytes that come out never depend on --threads.

      PARTS
        Several machines make one dataset: each reads the whole manifest and makes its own range of shards; \
      cpc-shard merge links them together, and the bytes are those of one run. Any part can be interrupted and started \
      again.
          cpc-scan corpus.tar -o corpus.jsonl
          parallel cpc-shard corpus.jsonl --part {}/8 -o part{} ::: $(seq 0 7)
          sbatch --array=0-99 --wrap 'cpc-shard corpus.jsonl --part auto \\
            -o part$SLURM_ARRAY_TASK_ID'
          cpc-shard corpus.jsonl --dry-run --part 0/100
          cpc-shard merge corpus.jsonl -o corpus --parts part*

      EXIT STATUS
        0 good; 1 failed, or finished with some inputs skipped; 64 wrong usage.
      """)

  @OptionGroup var making: MakingOptions
  @OptionGroup(title: "PARTS") var parts: PartOptions

  @Flag(help: "Only say what would be made of a manifest, or of a part of it, as far as its lines tell.")
  var dryRun = false

  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if making.target.output == "-", result.json { throw ValidationError("--json and '-o -' both need standard output") }
    if making.target.output.isEmpty, !dryRun { throw ValidationError("-o must name a folder") }
  }

  func execute(_ console: Console) throws -> Bool {
    if making.target.output == "-" || result.json { try File.standardOutput.requireWritable() }
    let inputs = try inputsOrStandardInput(making.inputs)
    do { return try make(of: inputs, console) } catch let stale as StaleShards {
      guard !inputs.contains(where: { isSame($0, "-") || Folder.kind(of: $0) == .other }) else { throw stale.failure }
      console.finish()
      console.note("\(stale.description): made again")
      do { return try make(of: inputs, console) } catch let stale as StaleShards { throw stale.failure }
    }
  }

  private func make(of inputs: [String], _ console: Console) throws -> Bool {
    let output = making.target.output
    if dryRun || parts.part != nil { return try makePart(of: inputs, console) }
    let (corpus, _, options) = try making.prepare(inputs, console)
    guard output != "-" else {
      guard !File.standardOutput.isTerminal else {
        throw Failure(
          .usage, "a record stream is binary: standard output is a terminal", hint: "redirect it, or -o FOLDER")
      }
      let summary = try streamRecords(of: corpus, to: .standardOutput, options: options)
      making.report(options.maker).concludeStream(summary, console)
      for note in corpus.notes { console.note("  \(note)") }
      return making.isGood(summary, console)
    }
    let summary = try shardDataset(corpus, to: output, options: options)
    try making.report(options.maker).conclude(summary, asJSON: result.json, console)
    for note in corpus.notes { console.note("  \(note)") }
    return making.isGood(summary, console)
  }

  /// Makes a part, or says what would be made.
  private func makePart(of inputs: [String], _ console: Console) throws -> Bool {
    let output = making.target.output
    guard output != "-" else { throw Failure(.usage, "parts are folders: -o cannot be '-'") }
    let part = try parts.chosen().flatMap { Part(index: $0.index, count: $0.count) }
    guard inputs.count == 1, inputs[0] != "-", Folder.kind(of: inputs[0]) == .file,
      try InputKind.of(File.reading(inputs[0])).kind == .manifest
    else { throw needsManifest(inputs[0]) }
    var (_, _, options) = try making.prepare(inputs, isPart: true, console)
    guard !dryRun, let part else {
      let plan = try DryRun(manifest: inputs[0], part: part, options: options)
      console.finish()
      try File.standardOutput.write(result.json ? plan.json.compact + "\n" : plan.text)
      return true
    }
    options.fingerprint["part"] = .string(part.description)
    let summary = try shardPart(part, of: inputs[0], to: output, opening: making.opening(), options: options)
    try making.report(options.maker).conclude(summary, of: part, asJSON: result.json, console)
    return summary.problems.allSatisfy(\.isWarning)
  }
}

/// Why an input cannot be made in parts.
func needsManifest(_ input: String) -> Failure {
  Failure(
    .usage, path: input, "parts are planned from a manifest, which is a file",
    hint: "cpc-scan CORPUS -o corpus.jsonl writes it")
}
