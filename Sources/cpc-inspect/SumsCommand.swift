import ArgumentParser
import CommandSupport
import Digests
import FileIO
import Shards

struct SumsCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "sums",
    abstract: "SHA-256 of every file of a dataset, as sha256sum prints and checks it.",
    discussion: """
      For whoever receives a copy and has nothing but sha256sum. A file that is not what the card says is named and \
      gets no sum; the exit status is 1 then.

      EXAMPLES
        cpc-inspect sums dev > dev/SHA256SUMS
        (cd dev && sha256sum -c SHA256SUMS)
      """)

  @Argument(help: "A dataset folder.", completion: .directory)
  var dataset: String

  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let card = try Card.read(folder: dataset)
    let isWatched = File.standardOutput.isTerminal
    let total = card.files.reduce(0) { $0 + $1.bytes } >> 20
    var done = 0
    var good = true
    for entry in card.files {
      console.show(Progress(done: done >> 20, total: total, unit: "MiB", detail: entry.path), besideResults: isWatched)
      done += entry.bytes
      let path = "\(dataset)/\(entry.path)"
      do {
        let (sum, digest) = try digests(ofFile: path)
        guard digest == entry.digest else {
          throw Failure(
            .corrupt, path: path, "its digest differs from the card's", hint: "cpc-inspect verify names what is damaged"
          )
        }
        try File.standardOutput.write("\(sum)  \(entry.path)\n")
      } catch let failure as Failure where isSame(failure.path, path) {
        console.error("cpc-inspect: \(failure)")
        good = false
      }
    }
    let sum = try digests(ofFile: "\(dataset)/\(Card.fileName)").sha256
    try File.standardOutput.write("\(sum)  \(Card.fileName)\n")
    return good
  }

  private func digests(ofFile path: String) throws -> (sha256: String, xxh3: String) {
    let file = try File.reading(path)
    let (sha256, xxh3) = (try MessageDigest(.sha256), XXH3.Stream())
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = try file.readFully(into: buffer)
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      try sha256.update(bytes)
      xxh3.update(bytes)
      if count < buffer.count { return (try sha256.finish(), xxh3.digest128) }
    }
  }
}
