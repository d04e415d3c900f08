import ArgumentParser
import CommandSupport
import Corpora
import ReadingOptions
import FileIO
import Text

@main
struct ScanCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-scan",
    abstract: "List the utterances, pictures or texts of a corpus as a manifest.",
    discussion: """
      Walks a corpus once and writes a manifest: JSON Lines, one utterance a line, with its id, where its audio is \
      (source, member), its speaker (group), chapter (session), samples, rate and text; of pictures with their size and \
      class, of texts with their sentences. Lossless \
      audio is not decoded: the header of each file is compared with the bytes that are there, but that of FLAC, which \
      does not tell how many bytes there are, is taken at its word (cpc-shard decodes everything and compares). What tells \
      its length only when it is decoded to its end is: MP3, Vorbis, Opus, and FLAC whose encoder did not know the \
      length. The manifest is what cpc-split, cpc-align and cpc-shard read, and jq or any \
      other program may filter it, as long as lines of one archive keep their order.

      A corpus is a folder, a .tar, .tar.gz, .tar.zst (also .bz2 and .xz) or .zip archive, several of them one after \
      the other, or an archive on standard input. Audio of any rate and any number of channels is listed; cpc-shard \
      converts it if it is asked to.

      LAYOUTS (--layout)
        librispeech       SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac at any depth, with
                          SPEAKER-CHAPTER.trans.txt beside it for the texts (optional)
        speaker-folders   SPEAKER/…/FILE.EXT, audio of many formats (WAV, FLAC, MP3,
                          Ogg, AIFF, CAF, AU, SPHERE); the speaker is the first folder, the
                          id the path; text in FILE.txt beside it, or as in VCTK in
                          txt/SPEAKER/FILE.txt beside the folder that --below names
        libri-light       SPEAKER/BOOK/FILE.flac, cut into the voice_activity of
                          FILE.json beside it (whole where there is none)
        kaldi             a data folder: wav.scp, utt2spk (or spk2utt), and segments,
                          text and reco2file_and_channel if they are there; of commands
                          in wav.scp (cat, flac, sph2pipe, sox, ffmpeg) the file and the
                          channel are read, and none is run
        lhotse            recordings.jsonl and supervisions.jsonl, or cuts.jsonl (also .gz;
                          a folder with them or the files), of any names; the group is
                          the speaker, or without one the recording
        class-folders     …/CLASS/FILE.jpg, pictures (JPEG, PNG, WebP); the class and the
                          group are the folder that a picture lies in, or with --below
                          the first folder below that; an archive in the input, as in
                          ImageNet's, is as a folder of its name
        image-table       FILE.jpg at any depth as --table lists it: a CSV (RFC 4180) or
                          .tsv whose columns filename and label (--path-column,
                          --class-column) have the path in the input, or below --below,
                          and the class; --group-column names that of the group; or a
                          .txt of lines PATH CLASS, or CLASS in the order of the names
        webdataset        KEY.jpg (.jpeg, .png, .webp) and KEY.cls, one after the other in
                          tar archives, perhaps KEY.txt and KEY.json, which are carried;
                          the id is KEY, the class and the group what KEY.cls says, or
                          what KEY.json has under --class-column and --group-column
        documents         FILE.txt or .md at any depth (also .gz), one a document, or
                          FILE.jsonl, one a line (--text-key, --group-key; ids from "id"
                          or the line's number); single files as inputs, too. Divided
                          into sentences by ICU; Markdown's marks and Project Gutenberg's
                          header and footer are left out
        sentences         the same with one sentence a line
        flat              FILE.EXT at any depth, or single recordings as inputs; the id is
                          the path without its ending, the group the folder that a file
                          lies in, or what the input (of a single recording its folder)
                          is called where there is none; text in FILE.txt beside it
        ljspeech          wavs/LJNNN-NNNN.wav and metadata.csv, of which the normalised
                          text is taken; one speaker, LJ
        libritts          SPEAKER/CHAPTER/SPEAKER_CHAPTER_PARAGRAPH_SENTENCE.wav, text in
                          .normalized.txt beside it
        timit             (TRAIN|TEST)/DRN/SPEAKER/SENTENCE.WAV in capital or small
                          letters, also .WAV.wav; text in SENTENCE.TXT; ids are
                          SPEAKER/SENTENCE; split is train or test; phones are read where
                          labels are: cpc-shard TIMIT --layout timit --phones TIMIT
                          --phone-map timit-cmu41
        mls               (train|dev|test)/audio/SPEAKER/BOOK/FILE.flac (or .opus) and
                          transcripts.txt beside audio; split is the first folder
        common-voice      clips/FILE.mp3 as far as validated.tsv, train.tsv, dev.tsv or
                          test.tsv list it; the group is client_id, split the last three;
                          an archive that is a file is read twice, the tables first
        aishell           wav/(train|dev|test)/SPEAKER/ID.wav, or in a folder an archive
                          SPEAKER.tar.gz of each; aishell_transcript_v0.8.txt; split is
                          the part's folder

      A bad file is named on standard error, left out and counted, and the exit status is 1 in the end. Otherwise it \
      is 0; wrong usage is 64.

      EXAMPLES
        Archives or folders as they were downloaded; from the network:
          cpc-scan train-clean-100.tar.gz > ls100.jsonl
          cpc-scan LibriSpeech/dev-clean -o dev.jsonl
          cpc-scan train-clean-100.tar.gz train-clean-360.tar.gz -o clean.jsonl
          curl -L https://www.openslr.org/resources/12/dev-clean.tar.gz \\
            | cpc-scan - > dev.jsonl

        VCTK as it was downloaded; a Kaldi folder whose paths begin in /corpora:
          cpc-scan VCTK-Corpus-0.92.zip --layout speaker-folders \\
            --below wav48_silence_trimmed > vctk.jsonl
          cpc-scan data/train --layout kaldi --root /corpora > train.jsonl

        Two people on a telephone line, each a speaker:
          cpc-scan calls --layout flat --channel each > calls.jsonl

        Only utterances longer than 2.56 s, straight into shards:
          cpc-scan dev-clean.tar.gz | jq -c 'select(.samples > 40960)' \\
            | cpc-shard - -o dev

        Books, a group for each author's folder, and the 20,000 most frequent words:
          cpc-scan books.tar.gz --layout documents --group-by-folder \\
            --vocabulary 20000 -o books.jsonl

        Pictures with their classes in a table; shards of WebDataset; ImageNet:
          cpc-scan val.tar --layout image-table --table val.csv -o val.jsonl
          cpc-scan shards-*.tar --layout webdataset -o pictures.jsonl
          cpc-scan ILSVRC2012_img_train.tar --layout class-folders -o train.jsonl

        Sources as they look from the folder /corpora, wherever this runs:
          cpc-scan /corpora/dev-clean.tar.gz --root /corpora > dev.jsonl
      """,
    version: toolsVersion)

  @Argument(
    help: "Folders and archives; '-' is an archive on standard input. Default: standard input if it is no terminal.",
    completion: .file())
  var inputs: [String] = []

  @OptionGroup var reading: CorpusFlags

  @Option(
    help: ArgumentHelp(
      """
      The folder that sources in the manifest are written relative to. Default: the folder of --output; on standard \
      output, sources stay as given. With the layouts kaldi and lhotse also what relative paths in their tables are relative to \
      (default: the working folder).
      """, valueName: "dir"), completion: .directory)
  var root: String?

  @Option(
    help: ArgumentHelp(
      """
      Count the words of texts, and write the most frequent, so many with <unk>, to the file of --output with the ending \
      .vocabulary: WORD TAB COUNT a line, the most frequent first.
      """, valueName: "words"), transform: readCount)
  var vocabulary: Int?

  @Option(help: "Threads that read texts. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the manifest goes; '-' is standard output, the default.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Replace the output file if it exists. Default: refuse.")
  var force = false

  @Flag(help: "Stop at the first bad file. Default: name it, leave it out, go on.")
  var strict = false

  @OptionGroup(title: "LISTS OF IMAGES") var lists: ImageListOptions
  @OptionGroup(title: "TEXTS") var texts: TextOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
    try lists.check(reading.layout)
    if reading.channel != nil, reading.layout.kind != "audio" {
      throw ValidationError(
        "--channel is for audio, and --layout \(reading.layout.rawValue) is of the kind \(reading.layout.kind)")
    }
    let given = texts.given ?? (vocabulary != nil ? "--vocabulary" : nil)
    if let given, !reading.layout.isText {
      throw ValidationError("\(given) is for texts: --layout documents or sentences")
    }
    if let vocabulary {
      guard (2...Vocabulary.maximumCount).contains(vocabulary) else {
        throw ValidationError("--vocabulary must be from 2 to \(Vocabulary.maximumCount)")
      }
      guard output != nil, output != "-" else { throw ValidationError("--vocabulary needs -o FILE") }
    }
  }

  func execute(_ console: Console) throws -> Bool {
    let inputs = try inputsOrStandardInput(inputs)
    let words = try vocabulary.map { _ in try ResultFile(vocabularyFile, force: force) }
    let result = try ResultFile(output, force: force)
    var options = reading.options(root: root ?? folderOfOutput, audioRoot: root)
    options.decodesLossy = true
    try texts.apply(to: &options)
    lists.apply(to: &options)
    let (corpus, kind) = try Corpus.opening(inputs, options: options)
    guard kind != .manifest else {
      if let other = inputs.first(where: InputKind.isLhotse) {
        throw Failure(.usage, path: other, "a manifest of lhotse", hint: "read it with --layout lhotse")
      }
      throw Failure(.usage, path: inputs[0], "a manifest already", hint: "cpc-scan makes one from a corpus")
    }
    var scan = Scan(corpus: corpus, kind: reading.layout.kind, console: console, isStrict: strict)
    guard reading.layout.isText else {
      try scan.run(into: result)
      return scan.skipped == 0
    }
    let counter = try scan.run(texts.rules, threads: threads ?? AvailableCores.current.count, into: result)
    if let words, let vocabulary {
      let list = try Vocabulary(counter, count: vocabulary)
      try words.write(list.file)
      try words.finish()
      console.note("\(vocabularyFile): \(grouped(list.count)) of \(counted(counter.distinct, "word"))")
    }
    return scan.skipped == 0
  }

  private var vocabularyFile: String {
    "\(Folder.parent(of: output ?? ""))/\(Folder.stem(of: Folder.name(of: output ?? ""))).vocabulary"
  }

  private var folderOfOutput: String? {
    guard let output, output != "-", Folder.kind(of: output) != .other else { return nil }
    return Folder.parent(of: output)
  }
}
