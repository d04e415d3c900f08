import ArgumentParser
import CommandSupport
import Evaluation
import FeatureFiles
import FileIO
import Glibc
import Shards

/// Features in files that other programs read, in place of a dataset.
struct FeatureExport: ParsableArguments {
  enum Format: String, EnumerableFlag {
    case npy, kaldi, kaldiText

    static func help(for value: Self) -> ArgumentHelp? {
      switch value {
      case .npy: "Make no dataset, but a folder of ID.npy [frames, numbers] for NumPy, F32 or with --type f16 F16."
      case .kaldi: "Make no dataset, but a Kaldi archive OUTPUT, and OUTPUT with .scp for .ark; '-' is standard output."
      case .kaldiText: "Make no dataset, but a Kaldi archive as text; '-' is standard output."
      }
    }
  }

  @Flag(exclusivity: .exclusive) var format: Format?

  /// Throws unless the output can be had.
  func check(_ output: String, force: Bool) throws {
    guard let format else { return }
    if output == "-" {
      guard format != .npy else { throw Failure(.usage, "files of NumPy go into a folder: -o cannot be '-'") }
      guard format == .kaldiText || !File.standardOutput.isTerminal else {
        throw Failure(.usage, "a Kaldi archive is binary: standard output is a terminal", hint: "--kaldi-text")
      }
      return try File.standardOutput.requireWritable()
    }
    switch (Folder.kind(of: output), format) {
    case (nil, _): return
    case (.folder, .npy):
      guard try force || Folder.names(in: output).isEmpty else {
        throw Failure(
          .exists, path: output, "the folder is not empty", hint: "--force replaces files of the same names")
      }
    case (.file, .kaldi), (.file, .kaldiText):
      guard force else { throw Failure(.exists, path: output, "the file exists", hint: "--force replaces it") }
    default: throw Failure(.exists, path: output, "something else is in the way")
    }
  }

  /// Writes the frames of all utterances of a dataset of features that have some.
  func write(_ folder: String, to output: String, half: Bool, _ console: Console) throws {
    let dataset = try Dataset(opening: folder)
    let frames = try DatasetFrames(dataset)
    let ids = try dataset.utteranceIDs()
    try write(to: output, half: half) { sink in
      for (utterance, id) in ids.enumerated() {
        let rows = frames.offsets[utterance]..<frames.offsets[utterance + 1]
        guard !rows.isEmpty else { continue }
        var values = [Float](repeating: 0, count: rows.count * frames.columns)
        try values.withUnsafeMutableBufferPointer { try frames.read(rows, into: $0) }
        try sink.write(Frames(values: values, count: rows.count, dimension: frames.columns), of: Name(id))
        console.show(Progress(done: utterance + 1, total: ids.count, unit: "utterances", detail: "writing files"))
      }
    }
  }

  /// Writes what `body` gives, if there are to be files.
  func write(to output: String, half: Bool, _ body: (any FeatureSink) throws -> Void) throws {
    guard let format else { return }
    func writeAll(_ sink: any FeatureSink) throws {
      try body(sink)
      try sink.finish()
    }
    switch format {
    case .npy: try writeAll(try NPYWriter(output, precision: half ? .float16 : .float32))
    case .kaldiText where output == "-", .kaldi where output == "-":
      try writeAll(try KaldiWriter(.standardOutput, isText: format == .kaldiText, syncs: false))
    case .kaldiText: try writeAtomically(to: output) { try writeAll(try KaldiWriter($0, isText: true)) }
    case .kaldi:
      let script = output.ends(with: ".ark") ? String(output.dropping(last: 4)) + ".scp" : output + ".scp"
      // A script is of no use without its archive, which therefore gets its name first.
      try writeAtomically(to: script) { lines in
        try writeAtomically(to: output) { try writeAll(try KaldiWriter($0, script: (lines, output))) }
      }
    }
  }
}
