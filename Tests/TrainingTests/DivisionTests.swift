import FileIO
import Shards
import TestSupport
import Testing
import Training

/// What is trained on, what is held out, and what is neither.
@Suite struct DivisionTests {
  private func divide(
    _ dataset: Dataset, validPart: String? = nil, fraction: Double = 0.2
  ) throws -> (training: Int, heldOut: Int, division: DatasetDivision) {
    var configuration = smallConfiguration()
    configuration.validFraction = fraction
    let division = try DatasetDivision(dataset, split: nil, validPart: validPart, configuration: configuration)
    return (division.training.windowCount, division.heldOut?.windowCount ?? 0, division)
  }

  @Test func thePartThatIsTrainedOnIsNotHeldOut() throws {
    let folder = try TemporaryFolder()
    let all = someUtterances(40)
    _ = try makeDataset(folder("d"), all)
    let parts = all.map { (id: $0.id, part: "train") }
    try Dataset.addSplit(named: "default", parts: parts, folder: folder("d"), replacing: false)
    let dataset = try Dataset(opening: folder("d"))
    #expect { try divide(dataset, validPart: "train") } throws: { ($0 as? Failure)?.kind == .usage }
  }

  /// One long recording among short ones, at whatever place its hash gives it.
  @Test(arguments: 0..<8)
  func aLongUtteranceIsNotHeldOut(index: Int) throws {
    let folder = try TemporaryFolder()
    let utterances = (0..<8).map { SyntheticUtterance($0, group: 0, length: 20_480 * ($0 == index ? 90 : 4)) }
    let (training, heldOut, division) = try divide(makeDataset(folder("d"), utterances), fraction: 0.05)
    #expect(heldOut == 8 && training == 90 + 7 * 4 - 8)
    #expect(division.unused == 0 && division.shortEnds == 0 && division.leftOver == 0)
  }

  @Test func aSingleUtteranceIsTrainedOn() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), [SyntheticUtterance(0, group: 0, length: 20_480 * 40 + 5)])
    let (training, heldOut, division) = try divide(dataset)
    #expect(training == 40 && heldOut == 0 && division.heldOutFrom.hasPrefix("none"))
    #expect(division.shortEnds == 1 && division.leftOver == 5)
  }

  @Test func almostEverythingMayBeHeldOut() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    let (training, heldOut, _) = try divide(dataset, fraction: 0.9)
    #expect(training >= 5 && heldOut >= 85 && training + heldOut == 100)
  }
}
