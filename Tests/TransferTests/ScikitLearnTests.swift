import FileIO
import Glibc
import Kernels
import OrderedJSON
import TestSupport
import Testing
import Text
import Transfer

/// Against scikit-learn under the same protocol on the same vectors, by `Tools/check/check_transfer.py`.
@Suite struct ScikitLearnTests {
  private static let interpreter = getenv("CPC_PYTHON").map { String(cString: $0) } ?? "python3"
  private static let hasScikitLearn = (try? runProcess(interpreter, ["-c", "import sklearn"]).status) == 0
  private static let sets = getenv("CPC_TEST_DATA").map { "\(String(cString: $0))/transfer-sets.tar.gz" }
  private static let hasSets = sets.map { Folder.kind(of: $0) == .file } ?? false
  private static let check =
    "\(Folder.parent(of: Folder.parent(of: Folder.parent(of: #filePath))))/Tools/check/check_transfer.py"
  private let folder: TemporaryFolder
  private let workers = Workers(count: 2)

  init() throws { folder = try TemporaryFolder() }

  @Test(
    .enabled(if: hasScikitLearn, "\(interpreter) has no scikit-learn; CPC_PYTHON names another interpreter"),
    arguments: TransferProtocol.allCases)
  func foldsAndAccuraciesAreItsOwn(_ transferProtocol: TransferProtocol) throws {
    let sets: [(name: String, made: Made)] = [
      ("two classes", Made(seed: 1, shares: [220, 200], columns: 12, separation: 0.2)),
      (
        "six classes and a test part",
        Made(seed: 2, shares: [160, 150, 20, 90, 60, 70], columns: 14, separation: 0.5, test: 120)
      ),
      ("copies", Made(seed: 3, shares: [150, 130], columns: 10, separation: 0.3, copies: 70)),
      ("imbalanced", Made(seed: 4, shares: [330, 25], columns: 8, separation: 0.6)),
    ]
    for (name, made) in sets { try write(made.set, made, transferProtocol, to: folder(name)) }
    try compare(sets.map { folder($0.name) })
  }

  @Test(
    .enabled(if: hasScikitLearn && hasSets, "needs scikit-learn, and CPC_TEST_DATA with transfer-sets.tar.gz"),
    arguments: TransferProtocol.allCases)
  func publishedSetsComeToTheSame(_ transferProtocol: TransferProtocol) throws {
    var files = SetFiles()
    try files.add(try #require(Self.sets))
    let vectors = MeanOfWords(RandomWords(columns: 40), title: "mean of random vectors")
    var folders: [String] = []
    for var set in try SetReader(files).sets.map(\.set) {
      // Every so manieth sentence.
      let step = set.sentences.count / 600
      set.sentences = stride(from: 0, to: set.sentences.count, by: step).map { set.sentences[$0] }
      folders.append(folder(set.name))
      try write(set, vectors, transferProtocol, to: folder(set.name))
    }
    #expect(folders.count == 5)
    try compare(folders)
  }

  private func compare(_ folders: [String]) throws {
    let result = try runProcess(Self.interpreter, [Self.check] + folders)
    #expect(result.status == 0, "\(result.text)\(result.messages)")
    #expect(result.text.contains("\(folders.count) sets"))
  }

  private func write(
    _ set: TransferSet, _ vectors: some SentenceVectors, _ transferProtocol: TransferProtocol, to folder: String
  ) throws {
    try Folder.create(folder)
    let result = try TransferProbe(transferProtocol, workers).run(set, by: vectors)
    #expect(result.unconvergedFits == 0)
    let plan = try TransferPlan(set, transferProtocol)
    let words = plan.sentences.map { $0.text.split { $0 == " " }.map { $0.lowercased() } }
    // As the rules of text divide them.
    let reader = try TextReader(.lines, rules: vectors.rules)
    let tokens = try plan.sentences.map { sentence in
      var tokens: [String] = []
      try reader.read(Array((" " + sentence.text).utf8), path: "") {
        tokens += $0.tokens.map { String(decoding: $0, as: UTF8.self) }
      }
      return tokens
    }
    let numbers = Buffer<Float>(count: tokens.count * vectors.columns)
    _ = try vectors.encode(tokens, into: numbers.matrix(vectors.columns), workers)
    let train = plan.sentences.count - (set.test?.count ?? 0)
    let inner = try plan.innerDivisions(of: plan.divisions[0], transferProtocol)
    let object: JSON = .object([
      "protocol": .string(transferProtocol.rawValue), "train": .int(train),
      "lengths": .array(words.map { .int($0.count) }),
      "tests": .array(plan.divisions.map { .array($0.test.map { .int($0) }) }),
      "inner_tests": .array(inner.map { .array($0.test.map { .int($0) }) }),
      "accuracy": .real(result.accuracy), "accuracies": .array(result.accuracies.map { .real($0) }),
      "strengths": .array(result.chosen.map { .real($0) }),
    ])
    try File.writing("\(folder)/result.json").write(Array(object.compact.utf8))
    try File.writing("\(folder)/x.f32").write(numbers.array.withUnsafeBytes { Array($0) })
    try File.writing("\(folder)/y.i32").write(plan.sentences.map(\.label).withUnsafeBytes { Array($0) })
  }
}
