import FileIO
import OrderedJSON
import Shards
import Training

/// Which utterances of a dataset a checkpoint was trained on: a probe that is tested on one of them says so.
///
/// A checkpoint holds digests of the samples and of the ids of its training utterances. Of the same samples, the dataset
/// is divided again as the run's settings say, by each of its splits, and what gives that digest is it.
public enum TrainedUtterances {
  /// The split of a dataset of features that tells of them, and its parts.
  public static let split = "checkpoint"
  public static let trained = "trained"
  static let unseen = "unseen"

  /// Lines of the split; nil if it cannot be known.
  static func lines(_ facts: Checkpoint.Facts, _ dataset: Dataset) throws -> [UInt8]? {
    let data = facts.identity.data
    guard !data.training.isEmpty, isSame(data.samples, dataset.payloadDigest),
      let configuration = try? TrainingConfiguration(settings: facts.identity.settings)
    else { return nil }
    let ids = try dataset.utteranceIDs()
    for (split, part) in try divisions(of: dataset) {
      guard
        let division = try? DatasetDivision(dataset, split: split, validPart: part, configuration: configuration),
        isSame(division.data.training, data.training)
      else { continue }
      var isTrained = [Bool](repeating: false, count: ids.count)
      for i in division.trainingUtterances { isTrained[i] = true }
      return zip(ids, isTrained).flatMap { Array("\($0)\t\($1 ? trained : unseen)\n".utf8) }
    }
    return nil
  }

  /// Ways to divide a dataset: as it is, and by each part of each split.
  private static func divisions(of dataset: Dataset) throws -> [(split: String?, part: String?)] {
    var divisions: [(String?, String?)] = [(nil, nil)]
    for name in dataset.splitNames {
      let parts = Set(try dataset.split(named: name).compactMap { $0.map { Name($0) } })
      divisions.append((name, nil))
      divisions += parts.sorted().filter { !isSame($0.text, "train") }.map { (name, $0.text) }
    }
    return divisions
  }
}
