import ABX
import FileIO
import TestSupport
import Testing

@Suite(.enabled(if: Python.hasFastABX, "CPC_PYTHON names no Python with fastabx"))
struct FastABXTests {
  /// Prints fastabx's errors within and across speakers, in percent.
  private static let program = """
    import os, sys
    import numpy, torch
    item, folder, dimension, libri_light = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    os.environ["FASTABX_WITH_LIBRILIGHT_BUG"] = libri_light
    from fastabx import zerospeech_abx

    def features(path):
        return torch.from_numpy(numpy.fromfile(path, dtype=numpy.float32).reshape(-1, dimension))

    for speaker in ["within", "across"]:
        error = zerospeech_abx(
            item, folder, max_size_group=None, max_x_across=None, speaker=speaker, frequency=100,
            feature_maker=features, extension=".f32", device="cpu", progress=False)
        print(100 * error)
    """

  @Test(arguments: [1, 2], FrameRule.allCases) func equalsFastABX(seed: Int, rule: FrameRule) throws {
    let brute = BruteForce(seed: seed, files: 10, itemsPerFile: 60, dimension: 12) { $0.normal() }
    // fastabx refuses items without frames.
    var list = ItemList()
    for item in brute.list.items where Double("\(item.offset)")! - Double("\(item.onset)")! >= 0.02 {
      list.append(
        file: brute.list.files[item.file], onset: item.onset, offset: item.offset,
        phone: brute.list.phones[item.phone], previous: brute.list.phones[item.previous],
        next: brute.list.phones[item.next], speaker: brute.list.speakers[item.speaker])
    }
    let folder = try TemporaryFolder()
    try list.write(to: folder("a.item"))
    for (name, features) in brute.source.values {
      try File.writing(folder("\(name).f32")).write(features.values.withUnsafeBytes { Array($0) })
    }
    let text = try Python.run([
      "-c", Self.program, folder("a.item"), folder.path, "12", rule == .libriLight ? "1" : "0",
    ])
    let expected = text.split(whereSeparator: \.isNewline).map { Double($0)! }
    let result = try scoreABX(
      list, from: brute.source, times: FrameTimes(hop: Seconds("0.01")!),
      settings: ABXSettings(rule: rule, maximumGroupSize: nil, maximumSpeakersOfX: nil))
    #expect(result.leftOut.isEmpty && expected.count == 2)
    // fastabx keeps scores of cells in single precision.
    #expect(abs(result.within.error! - expected[0]) < 1e-3 && abs(result.across.error! - expected[1]) < 1e-3)
  }
}
