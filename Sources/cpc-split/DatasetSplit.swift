import CommandSupport
import Corpora
import FileIO

/// Writes `splits/NAME.txt` into the dataset folder at `path`. Returns whether all was good.
func splitDataset(_ path: String, name: String, splitter: Splitter, force: Bool, console: Console) throws -> Bool {
  throw Failure(.usage, path: path, "splits of datasets cannot be written yet", hint: "give a manifest")
}
