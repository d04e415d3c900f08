import FileIO
import FuzzTargets
import Glibc
import TestSupport
import Testing

/// What a fuzzer is given, and what one has found, without a fuzzer.
@Suite struct ReplayTests {
  /// With CPC_FUZZ_SEEDS they are written there, a folder for each target.
  @Test(arguments: FuzzTarget.allCases) func seedsAreGood(target: FuzzTarget) throws {
    let reader = try FuzzReader(target)
    let folder = getenv("CPC_FUZZ_SEEDS").map { "\(String(cString: $0))/\(target.rawValue)" }
    if let folder { try Folder.create(folder) }
    for (name, bytes) in try FuzzSeeds().of(target) {
      let isGood = reader.run(bytes)
      #expect(isGood, "\(name)")
      if let folder { try File.writing("\(folder)/\(name)").write(bytes) }
    }
  }

  @Test(arguments: FuzzTarget.allCases) func whatWasFoundIsReadOrRefused(target: FuzzTarget) throws {
    let folder = "\(Folder.parent(of: #filePath))/Corpus/\(target.rawValue)"
    let names = try Folder.names(in: folder)
    #expect(!names.isEmpty)
    let reader = try FuzzReader(target)
    for name in names { _ = reader.run(try File.contents(of: "\(folder)/\(name)")) }
  }
}
