import FileIO
import Models
import OrderedJSON
import TestSupport
import Testing
import Training

/// Settings that a file begins with.
@Suite struct SettingsFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ settings: JSONObject) throws -> SettingsFile {
    try writeAtomically(to: folder("config.json")) { try $0.write(JSON.object(settings).lines) }
    return try SettingsFile(reading: folder("config.json"))
  }

  private func failure(_ settings: JSONObject, _ defaults: TrainingConfiguration = TrainingConfiguration()) -> Failure?
  {
    do { _ = try file(settings).configuration(defaults) } catch { return error as? Failure }
    return nil
  }

  @Test func whatARunWritesIsRead() throws {
    var configuration = smallConfiguration()
    (configuration.logEvery, configuration.checkpointEvery, configuration.keep) = (3, 0, 5)
    var settings = configuration.json
    for (key, value) in configuration.bookkeeping.members { settings[key] = value }
    settings["gain"] = .real(Double(2))
    settings["dataset"] = .string("d")
    settings["threads"] = .int(3)
    settings["split_name"] = .string("s")
    let file = try file(settings)
    let read = try file.configuration(TrainingConfiguration())
    #expect(read.json == configuration.json && read.bookkeeping == configuration.bookkeeping)
    #expect(try file.dataset() == "d")
    #expect(try file.threads() == 3)
    #expect(try file.splitName() == "s")
    #expect(try file.validPart() == nil)
  }

  /// A file of a few settings leaves the others as they are.
  @Test func aFewAreEnough() throws {
    let read = try file(["batch": .int(3), "channels": .int(9)]).configuration(TrainingConfiguration())
    #expect(read.batch == 3 && read.audio.shape.channels == 9 && read.audio.shape.context == 256)
  }

  @Test func whatIsNotKnownIsNamed() throws {
    let unknown = failure(["batch_size": .int(3)])
    #expect(unknown?.kind == .usage && unknown?.reason.contains("\"batch_size\" is no setting") == true)
    #expect(unknown?.path == folder("config.json") && unknown?.hint?.contains(" batch,") == true)
    #expect(failure(["patch": .int(3)])?.reason.contains("\"patch\" is no setting") == true)
    #expect(failure(["model": .string("text")])?.reason.contains("of the kind \"text\", the records") == true)
    #expect(failure(["batch": .string("many")])?.reason.contains("setting batch is") == true)
    #expect(failure(["channels": .int(0)])?.path == folder("config.json"))
    for text in ["", "[1]", "{\"batch\": 3"] {
      try writeAtomically(to: folder("config.json")) { try $0.write(text) }
      #expect { try SettingsFile(reading: folder("config.json")) } throws: { ($0 as? Failure)?.kind == .badInput }
    }
  }

  /// What records determine is not what another run's records determined.
  @Test func recordsKeepTheirOwn() throws {
    var defaults = TrainingConfiguration()
    defaults.specification = smallText(words: 41)
    var other = defaults
    var texts = smallText(words: 99)
    (texts.vocabulary, texts.embedding) = ("of others", 12)
    other.specification = texts
    let read = try file(other.json).configuration(defaults).specification as? TextSpecification
    #expect(read?.words == 41 && read?.vocabulary == "a digest" && read?.embedding == 12)
  }
}
