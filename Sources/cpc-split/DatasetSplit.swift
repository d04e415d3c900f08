import CommandSupport
import Corpora
import FileIO
import Manifests
import Shards

/// Writes `splits/NAME.txt` into the dataset folder at `path`. Returns whether all was good.
func splitDataset(_ path: String, name: String, splitter: Splitter, force: Bool, console: Console) throws -> Bool {
  try Split.check(name: name)
  let dataset = try Dataset(opening: path)
  let list = try dataset.utterances()
  var utterances: [SplitUtterance] = []
  while let line = try list.next() {
    utterances.append(SplitUtterance(id: line.id, group: line.group, session: line.session))
    console.show(Progress(done: utterances.count, total: dataset.utteranceCount, unit: "utterances"))
  }
  let assignment = try splitter.assign(utterances)
  let parts = zip(utterances, assignment.parts).compactMap { utterance, part in part.map { (utterance.id, $0) } }
  try Dataset.addSplit(named: name, parts: parts, folder: path, replacing: force)
  console.finish()
  console.summarise(assignment)
  return true
}
