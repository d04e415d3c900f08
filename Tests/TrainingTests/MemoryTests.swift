import FileIO
import Models
import Testing
import Training

@Suite struct MemoryTests {
  private func need(batch: Int, _ change: (inout TrainingConfiguration) -> Void = { _ in }) -> MemoryNeed {
    var configuration = TrainingConfiguration()
    configuration.batch = batch
    change(&configuration)
    return MemoryNeed(configuration)
  }

  /// Scores of all anchors against all latents would grow with the square of the batch.
  @Test func growsWithTheBatchAlone() {
    for precision in Precision.allCases {
      let small = need(batch: 64) { $0.precision = precision }
      let large = need(batch: 1024) { $0.precision = precision }
      let difference = large.bytes - small.bytes
      #expect(abs(Double(difference) / Double(960 * small.bytesPerWindow) - 1) < 0.05)
      #expect(small.bytesPerWindow < 150 << 20)
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let need = need(batch: 4096)
    try need.check(nil)
    let error = #expect(throws: Failure.self) {
      try need.check(AvailableMemory(bytes: need.bytes - 1, limit: "the machine"))
    }
    #expect(error.map { "\($0)".contains("GiB of memory") && "\($0)".contains("(the machine)") } == true)
    try need.check(AvailableMemory(bytes: need.bytes, limit: "the machine"))
  }
}
