import FileIO
import Glibc
import Kernels
import TestSupport
import Testing
import WordVectors

@Suite struct VocabularyExpansionTests {
  private static let python = getenv("CPC_PYTHON").map { String(cString: $0) } ?? "python3"
  private static let hasNumPy = (try? runProcess(python, ["-c", "import numpy"]).status) == 0
  private static let data = getenv("CPC_TEST_DATA").map { String(cString: $0) }

  private func noise(_ seed: Int, _ count: Int) -> [Float] {
    let stream = RandomStream(seed: UInt64(seed), purpose: .tests)
    return (0..<count).map { Float(stream.normal(UInt64($0))) }
  }

  private func vectors(_ words: [String], _ numbers: [Float]) throws -> WordVectors {
    let folder = try TemporaryFolder()
    let width = numbers.count / words.count
    let text = words.enumerated().map { i, word in
      ([word] + numbers[i * width..<(i + 1) * width].map { "\($0)" }).joined(separator: " ")
    }
    try writeAtomically(to: folder("v")) { try $0.write(text.joined(separator: "\n")) }
    return try WordVectors(reading: folder("v"))
  }

  /// Vectors that are a linear function of others, with an intercept: the map finds it, and the model's own words stay as
  /// they are, bit for bit.
  @Test func exactMapsAreFound() throws {
    let (a, b, count) = (5, 7, 60)
    let (weight, shift, x) = (noise(1, a * b), noise(2, b), noise(3, count * a))
    func image(_ i: Int) -> [Float] {
      (0..<b).map { j in shift[j] + (0..<a).reduce(0) { $0 + x[i * a + $1] * weight[$1 * b + j] } }
    }
    let names = (0..<count).map { "w\($0)" }
    let other = try vectors(names, x)
    // 40 words of the model, two of which the other space does not have, and `<unk>`, whose vector is anything.
    let vocabulary = ["<unk>", "only", "mine"] + names.prefix(40)
    let table = noise(9, 3 * b) + (0..<40).flatMap { image($0) }
    let expansion = try VocabularyExpansion(
      other, vocabulary: vocabulary.map { Array($0.utf8) }, table: table, ridge: 0)
    #expect(expansion.shared == 40 && expansion.width == b && abs(expansion.map.explained - 1) < 1e-9)
    let expanded = expansion.table()
    #expect(expanded.words.count == 43 + 20 && expanded.known == 43)
    #expect(Array(expanded.numbers[..<table.count]) == table)
    for i in 40..<60 {
      let id = try #require(expanded.id(of: Array("w\(i)".utf8)))
      #expect(id == 43 + i - 40)
      #expect(zip(expanded.numbers[id * b..<(id + 1) * b], image(i)).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(expanded.id(of: Array("absent".utf8)) == nil && expanded.id(of: Array("mine".utf8)) == 2)
    let one = expansion.table { $0.elementsEqual("w50".utf8) }
    #expect(one.words.count == 44 && one.id(of: Array("w50".utf8)) == 43 && one.id(of: Array("w51".utf8)) == nil)
  }

  /// The unknown word has no partner, also where the other space has one of its name; and a word whose other vector is
  /// ridiculous is not touched by its own map.
  @Test func whatIsFitted() throws {
    let names = ["<unk>"] + (0..<30).map { "w\($0)" }
    var x = noise(4, 31 * 3)
    (x[0], x[1], x[2]) = (1e4, -1e4, 1e4)
    let other = try vectors(names, x)
    let table = noise(5, 31 * 2)
    let expansion = try VocabularyExpansion(other, vocabulary: names.map { Array($0.utf8) }, table: table)
    #expect(expansion.shared == 30 && expansion.map.inputMeans.allSatisfy { abs($0) < 2 })
    #expect(expansion.table().numbers == table)
    let few = try VocabularyExpansion(
      other, vocabulary: names.map { Array($0.utf8) }, table: table, isFitted: { $0 > 0 && $0 % 2 == 0 })
    #expect(few.shared == 15)
  }

  @Test func tooFewWordsAreNamed() throws {
    let other = try vectors((0..<9).map { "w\($0)" }, noise(6, 9 * 4))
    let names = ["<unk>", "W0", "W1"] + (0..<4).map { "w\($0)" }
    #expect {
      try VocabularyExpansion(other, vocabulary: names.map { Array($0.utf8) }, table: noise(7, 14))
    } throws: {
      let failure = $0 as? Failure
      return failure?.reason.hasPrefix("4 words have a vector on both sides") == true
        && failure?.hint?.contains("4 of the model's 7 words are among 9") == true
    }
    // All in one direction, so that without a ridge there is no one map.
    let flat = try vectors((0..<20).map { "w\($0)" }, (0..<20).flatMap { [Float($0), 2 * Float($0)] })
    let known = ["<unk>"] + (0..<20).map { "w\($0)" }
    #expect(throws: Failure.self) {
      try VocabularyExpansion(flat, vocabulary: known.map { Array($0.utf8) }, table: noise(8, 42), ridge: 0)
    }
    let ridged = try VocabularyExpansion(flat, vocabulary: known.map { Array($0.utf8) }, table: noise(8, 42))
    #expect(ridged.map.weight.allSatisfy { $0.isFinite && abs($0) < 1 })
  }

  /// The same map by NumPy's `lstsq`, of given vectors, to a table that is noise around a linear function of them.
  private func compareWithNumPy(_ path: String) throws -> String {
    let folder = try TemporaryFolder()
    let other = try WordVectors(reading: path)
    #expect(other.problems.isEmpty)
    let (fitted, b) = (other.count / 2, 9)
    let weight = noise(20, other.dimensions * b)
    let noise = noise(21, fitted * b)
    var table = [Float](repeating: 1, count: b)
    for i in 0..<fitted {
      for j in 0..<b {
        table.append(
          0.5 + 0.3 * noise[i * b + j]
            + other.vector(i).enumerated().reduce(0) { $0 + $1.element * weight[$1.offset * b + j] })
      }
    }
    let expansion = try VocabularyExpansion(
      other, vocabulary: [Array("<unk>".utf8)] + other.words.prefix(fitted), table: table, ridge: 0)
    let expanded = expansion.table()
    func write(_ name: String, _ numbers: [Float]) throws {
      try numbers.withUnsafeBytes { bytes in try writeAtomically(to: folder(name)) { try $0.write(bytes) } }
    }
    try write("table", Array(table[b...]))
    try write("new", Array(expanded.numbers[((fitted + 1) * b)...]))
    let script = """
      import gzip, sys, numpy as np
      path, width = sys.argv[1], int(sys.argv[4])
      lines = (gzip.open if path.endswith(".gz") else open)(path, "rb").read().split(b"\\n")
      x = np.array([line.split()[1:] for line in lines if len(line.split()) > 2], dtype=np.float32).astype(float)
      y = np.fromfile(sys.argv[2], np.float32).reshape(-1, width).astype(float)
      new = np.fromfile(sys.argv[3], np.float32).reshape(-1, width)
      a = np.c_[x[:len(y)], np.ones(len(y))]
      w, *_ = np.linalg.lstsq(a, y, rcond=None)
      expected = np.c_[x[len(y):], np.ones(len(x) - len(y))] @ w
      explained = 1 - ((y - a @ w) ** 2).sum() / ((y - y.mean(0)) ** 2).sum()
      print(len(y), len(new), np.abs(new - expected).max() / np.abs(expected).max(), abs(explained - float(sys.argv[5])))
      assert new.shape == expected.shape and np.abs(new - expected).max() < 1e-6 * np.abs(expected).max()
      assert abs(explained - float(sys.argv[5])) < 1e-9
      """
    let result = try runProcess(
      Self.python, ["-c", script, path, folder("table"), folder("new"), "\(b)", "\(expansion.map.explained)"])
    #expect(result.status == 0, "\(result.messages)")
    return result.text
  }

  @Test(.enabled(if: hasNumPy, "no Python with numpy: CPC_PYTHON names another")) func agreesWithNumPy() throws {
    let folder = try TemporaryFolder()
    let numbers = noise(30, 900 * 12)
    let lines = (0..<900).map { i in
      "w\(i) " + numbers[i * 12..<(i + 1) * 12].map { "\($0)" }.joined(separator: " ") + "\n"
    }
    try writeAtomically(to: folder("v")) { try $0.write(lines.joined()) }
    print("beside lstsq: \(try compareWithNumPy(folder("v")))", terminator: "")
  }

  @Test(.enabled(if: data != nil && hasNumPy, "CPC_TEST_DATA names no folder of real data, or no numpy"))
  func realVectors() throws {
    let path = "\(Self.data!)/w2v-books-100.txt.gz"
    let other = try WordVectors(reading: path)
    #expect(other.count == 8000 && other.dimensions == 100 && other.format == .word2vecText && other.problems.isEmpty)
    print("beside lstsq: \(try compareWithNumPy(path))", terminator: "")
  }
}
