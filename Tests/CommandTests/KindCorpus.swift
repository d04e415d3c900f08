import FileIO
import Pixels
import TestSupport
import Testing

/// A small corpus of each kind that the suite knows, for tests of what is the same for all.
enum KindCorpus: String, CaseIterable, CustomTestStringConvertible {
  case audio
  case images
  /// Pictures with their classes in files of their own.
  case samples
  case texts

  var testDescription: String { rawValue }

  /// Flags of `cpc-scan` and `cpc-shard`.
  var flags: [String] {
    switch self {
    case .audio: []
    case .images: ["--layout", "class-folders"]
    case .samples: ["--layout", "webdataset"]
    case .texts: ["--layout", "documents", "--group-by-folder"]
    }
  }

  /// Flags that only `cpc-shard` has.
  ///
  /// - Parameter folder: that of the corpus.
  func making(_ folder: String) -> [String] {
    switch self {
    case .audio: []
    case .images, .samples: ["--size", "24x16"]
    case .texts: ["--vocabulary", "\(folder).words", "--sentences", "3", "--words", "7"]
    }
  }

  /// Whether files are decoded when a manifest is made, so that damage is found there.
  var isDecodedByScan: Bool { self == .texts }

  /// Writes it, with one file that cannot be decoded; returns the path of that inside the folder.
  func write(to folder: String) throws -> String {
    switch self {
    case .audio:
      let corpus = try SpeechCorpus(
        folder: folder, speakers: [84, 1272, 61], utterancesPerChapter: 6,
        lengths: [45_000, 81_920, 900, 20_480, 141_000, 90_000, 61_440, 25_000, 20_480, 30_000, 20_800, 39_000])
      let path = corpus.utterances[5].path
      try damage("\(folder)/\(path)")
      return path
    case .images, .samples:
      var random = SeededGenerator(7)
      for (i, name) in ["bee", "ant", "cat", "dog"].flatMap({ Array(repeating: $0, count: 7) }).enumerated() {
        try Folder.create("\(folder)/\(name)")
        let (width, height) = (Int.random(in: 1...70, using: &random), Int.random(in: 1...50, using: &random))
        let pixels = (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &random) }
        let bytes = try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: width, height: height) }
        try File.writing("\(folder)/\(name)/\(100 + i).png").write(bytes)
        if self == .samples { try File.writing("\(folder)/\(name)/\(100 + i).cls").write("\(name)\n") }
      }
      try damage("\(folder)/cat/117.png")
      return "cat/117.png"
    case .texts:
      var random = SeededGenerator(9)
      let words = ["one", "two", "Three", "four", "five's", "sechs", "γάτα", "猫", "8", "nine-ten"]
      try File.writing("\(folder).words").write(words[..<7].map { $0.lowercased() + "\n" }.joined())
      for (i, author) in ["Zola", "Ada", "Mann"].flatMap({ Array(repeating: $0, count: 5) }).enumerated() {
        try Folder.create("\(folder)/\(author)")
        var text = i % 2 == 0 ? "# A title\n\n" : ""
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          let count = Int.random(in: 1...12, using: &random)
          let sentence = (0..<count).map { _ in words.randomElement(using: &random)! }.joined(separator: " ")
          text += "A " + sentence + "." + ["\n", " ", "\r\n\r\n"].randomElement(using: &random)!
        }
        try File.writing("\(folder)/\(author)/\(10 + i).\(i % 2 == 0 ? "md" : "txt")").write(text)
      }
      try File.writing("\(folder)/Mann/11.txt").write(Array("Good until here. ".utf8) + [0xc3, 0x28])
      return "Mann/11.txt"
    }
  }

  /// The header stays good, so that only decoding finds it.
  private func damage(_ path: String) throws {
    var bytes = try File.contents(of: path)
    for i in bytes.count / 2..<bytes.count / 2 + 24 where i < bytes.count { bytes[i] ^= 0x5a }
    try File.writing(path).write(bytes)
  }
}
