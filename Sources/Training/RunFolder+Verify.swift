public import FileIO
import OrderedJSON
import Safetensors
public import Shards

extension RunFolder {
  /// Whether a folder is that of a run.
  public static func isRun(_ path: String) -> Bool { Folder.kind(of: "\(path)/checkpoints") == .folder }

  /// Reads every byte of a run's checkpoints and compares it with their digests; of the other files, whether they can be
  /// read and name what is there. Never stops at a problem. A run may go on meanwhile.
  ///
  /// - Returns: what was found, and the files in the folder of checkpoints that are no work of a run.
  public static func verify(
    _ path: String, progress: ProgressHandler = { _ in }
  ) throws -> (verification: Verification, foreign: [String]) {
    var result = Verification()
    func check(_ file: String, _ body: () throws -> Void) {
      // A run that goes on removes checkpoints.
      guard Folder.kind(of: file) != nil else { return }
      do {
        try body()
        result.bytes += try File.reading(file).size()
        result.files += 1
      } catch let failure as Failure {
        if Folder.kind(of: file) != nil { result.problems.append(failure) }
      } catch { result.problems.append(Failure(.corrupt, path: file, "\(error)")) }
    }
    let names = try Folder.names(in: "\(path)/checkpoints")
    let updates = try updates(in: path)
    for (done, update) in updates.enumerated() {
      progress(Progress(done: done, total: updates.count, unit: "checkpoints"))
      let checkpoint = "\(path)/checkpoints/\(checkpointName(update: update))"
      check(checkpoint) {
        let read = try Checkpoint(opening: checkpoint)
        guard read.digest != nil else {
          throw Failure(.badInput, path: checkpoint, "of an earlier version, without a digest: it cannot be checked")
        }
        guard read.facts.state.update == update else {
          throw Failure(.corrupt, path: checkpoint, "it is the checkpoint of another update")
        }
      }
    }
    let accumulation = "\(path)/accumulation.safetensors"
    check(accumulation) { try SafetensorsFile(mapping: accumulation).checkSeal() }
    for name in ["latest", "best"] {
      let file = "\(path)/\(name)"
      if name == "latest", !updates.isEmpty, try named(name, in: path) == nil {
        result.problems.append(
          Failure(
            .corrupt, path: file, "it names no checkpoint", hint: "\(setting: "resume") goes on from the newest"))
      }
      check(file) {
        guard let checkpoint = try named(name, in: path), Folder.kind(of: checkpoint) == nil else { return }
        throw Failure(.corrupt, path: file, "the checkpoint that it names is not there")
      }
    }
    if !updates.isEmpty, Folder.kind(of: "\(path)/log.jsonl") == nil {
      result.problems.append(Failure(.corrupt, path: "\(path)/log.jsonl", "missing: every run writes one"))
    }
    let configuration = "\(path)/config.json"
    check(configuration) {
      do {
        guard let settings = try JSON(parsing: File.contents(of: configuration)).objectValue else {
          throw Failure(.corrupt, path: configuration, "not the settings of a run")
        }
        _ = try TrainingConfiguration(settings: settings)
      } catch let error as JSONError {
        throw Failure(.corrupt, path: configuration, error.description)
      } catch var failure as Failure {
        failure.path = configuration
        throw failure
      }
    }
    for name in ["log.jsonl", "timing.jsonl"] {
      check("\(path)/\(name)") { try checkLines("\(path)/\(name)") }
    }
    return (result, names.filter { !isCheckpoint($0.withoutPartial) })
  }

  /// Every whole line is an object with an update; a last one that was cut short is cut away when the run goes on.
  private static func checkLines(_ path: String) throws {
    let bytes = try File.contents(of: path)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    var before = 0
    for (i, line) in lines.enumerated() {
      guard let json = try? JSON(parsing: line), let update = json["update"]?.intValue, update >= before else {
        throw Failure(.corrupt, path: path, at: "line \(i + 1)", "not a line of a log, or out of order")
      }
      before = update
    }
  }
}
