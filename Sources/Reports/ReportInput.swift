import FileIO
import OrderedJSON

/// Something that a report shows.
public enum ReportInput: Sendable {
  case run(Run)
  case probe(ProbeOutcome)
  case abx(ABXOutcome)
  case points(PointsOutcome)
  case transfer(TransferOutcome)
  case neighbours(NeighboursOutcome)
}

/// Reads a run's folder, or a file of results, whatever its name; a file holds one JSON object, or one on each line.
public func readReportInputs(_ path: String) throws -> [ReportInput] {
  if Folder.kind(of: path) == .folder {
    guard Run.isRun(path) else {
      throw Failure(
        .badInput, path: path, "no run: there is no log.jsonl", hint: "name a run's folder or files of results")
    }
    return [.run(try Run(path))]
  }
  let bytes = try File.reading(path).remainder(limit: maximumSize)
  do { return [try outcome(try JSON(parsing: bytes), path: path, place: nil)] } catch let whole as JSONError {
    let reader = LineReader(bytes, path: path, maximumLength: maximumSize)
    var inputs: [ReportInput] = []
    while let line = try reader.next() {
      if isBlank(line) { continue }
      do {
        inputs.append(try outcome(JSON(parsing: line), path: path, place: "line \(reader.line)"))
      } catch let error as JSONError {
        // One object over several lines is what the first line is not.
        let isWhole = inputs.isEmpty
        throw Failure(
          .badInput, path: path, at: isWhole ? "byte \(whole.offset)" : "line \(reader.line)",
          "not JSON: \(isWhole ? whole.reason : error.description)",
          hint: "results are JSON, of one or one on each line")
      }
    }
    guard !inputs.isEmpty else { throw Failure(.badInput, path: path, "empty") }
    return inputs
  }
}

/// 20,000 points take about a megabyte.
private let maximumSize = 1 << 28

private func outcome(_ value: JSON, path: String, place: String?) throws -> ReportInput {
  guard let object = value.objectValue else {
    throw Failure(.badInput, path: path, at: place, "a JSON object expected, with \"kind\"")
  }
  let fields = Fields(object, path: path, place: place)
  return switch try fields.text("kind") ?? "" {
  case "probe": .probe(try ProbeOutcome(fields))
  case "abx": .abx(try ABXOutcome(fields))
  case "tsne": .points(try PointsOutcome(fields))
  case "transfer": .transfer(try TransferOutcome(fields))
  case "neighbours": .neighbours(try NeighboursOutcome(fields))
  default: throw fields.failure("kind", "\"probe\", \"abx\", \"tsne\", \"transfer\" or \"neighbours\"")
  }
}
