import ArgumentParser
import CommandSupport
import FeatureFiles
import FeatureOptions
import FileIO
import Kernels
import OrderedJSON
import SentenceModels
import Text
import Transfer

/// Sentences for a model of texts, a line each.
struct SentenceInput: ParsableArguments {
  @Flag(
    name: .customLong("text"),
    help: """
      Inputs are files of sentences, one a line, or '-', standard input; with --npy, --kaldi or --kaldi-text, which write \
      [sentences, numbers] for each file.
      """)
  var isText = false

  @OptionGroup var words: WordOptions

  /// Writes vectors of the sentences of each file; says how many words the model knows.
  ///
  /// - Returns: what was written, for programs.
  func embed(
    _ inputs: [String], checkpoint: String, to output: String, half: Bool, export: FeatureExport, threads: Int,
    _ console: Console
  ) throws -> JSONObject {
    let given = try words.givenVectors(console)
    let models = try words.models(of: checkpoint, given, console)
    let model = models[models.count - 1]
    let workers = Workers(count: threads)
    var files: [JSON] = []
    try export.write(to: output, half: half) { sink in
      for input in inputs {
        let lines = try Self.lines(of: input)
        let sentences = try Words.divide(lines, model.rules)
        let vectors = Buffer<Float>(count: sentences.count * model.columns)
        let coverage = try model.encode(sentences, into: vectors.matrix(model.columns), workers)
        let name = input == "-" ? "stdin" : Folder.name(of: input)
        try sink.write(
          Frames(values: vectors.array, count: sentences.count, dimension: model.columns),
          of: Name(name.pieces(at: ".").count > 1 ? String(name.dropping(last: Self.ending(name))) : name))
        files.append(
          .object([
            "name": .string(name), "sentences": .int(coverage.sentences), "words": .int(coverage.words),
            "known_words": .int(coverage.knownWords), "blind_sentences": .int(coverage.blindSentences),
          ]))
        console.note(
          "\(name): \(counted(coverage.sentences, "sentence")), \(grouped(coverage.knownWords)) of "
            + "\(counted(coverage.words, "word")) known, \(counted(coverage.blindSentences, "sentence")) without any")
      }
    }
    return ["output": .string(output), "columns": .int(model.columns), "files": .array(files)]
  }

  /// Bytes of a name's last ending, with its dot.
  private static func ending(_ name: String) -> Int { (name.pieces(at: ".").last.map { $0.count } ?? 0) + 1 }

  private static func lines(of path: String) throws -> [String] {
    var lines: [String] = []
    var number = 0
    let bytes = path == "-" ? try File.standardInput.remainder() : try File.contents(of: path)
    for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
      number += 1
      guard let text = String(validating: line, as: UTF8.self) else {
        throw Failure(.badInput, path: path, at: "line \(number)", "it is no UTF-8", hint: "iconv converts it")
      }
      lines.append(text)
    }
    // After the last line feed there is no line.
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else { throw Failure(.badInput, path: path, "it holds no sentence") }
    return lines
  }
}
