import FileIO
import Glibc
import Kernels
import OrderedJSON
import Probes
import TestSupport
import Testing

/// Against scikit-learn on the same frames, by `Tools/check/check_probe.py`.
@Suite struct ScikitLearnTests {
  private static let interpreter = getenv("CPC_PYTHON").map { String(cString: $0) } ?? "python3"
  private static let hasScikitLearn = (try? runProcess(interpreter, ["-c", "import sklearn"]).status) == 0
  private static let check =
    "\(Folder.parent(of: Folder.parent(of: Folder.parent(of: #filePath))))/Tools/check/check_probe.py"

  /// Name, frames, strength of the penalty, and whether features are standardised.
  private static func sets() -> [(name: String, set: Synthetic, l2: Double, standardized: Bool)] {
    let phones = Synthetic(seed: 50, utterances: 60, frames: 100, columns: 20, classes: 41, separation: 0.5)
    let few = Synthetic(seed: 51, utterances: 40, frames: 30, columns: 30, classes: 3, separation: 0.3)
    var once = Synthetic(seed: 52, utterances: 40, frames: 80, columns: 10, classes: 8, separation: 0.6)
    for i in 0..<once.rows where once.labels[i] == 7 { once.labels[i] = 6 }
    once.labels[1] = 7
    var scales = RegressionTests.illConditioned()
    scales.utterances = (0..<scales.rows).map { Int32($0 / 50) }
    let separable = Synthetic(seed: 54, utterances: 40, frames: 30, columns: 8, classes: 4, separation: 10)
    return [
      ("phones", phones, 1e-4, true), ("weakly penalised", phones, 1e-6, true), ("as they come", phones, 1e-3, false),
      ("three classes", few, 1e-2, true), ("a class seen once", once, 1e-4, true),
      ("ill-conditioned", scales, 1e-4, true), ("ill-conditioned, as they come", scales, 1e-4, false),
      ("separable", separable, 1e-5, true),
    ]
  }

  @Test(.enabled(if: hasScikitLearn, "\(interpreter) has no scikit-learn; CPC_PYTHON names another interpreter"))
  func objectiveAndAccuracyAreItsOwn() throws {
    let folder = try TemporaryFolder()
    var folders: [String] = []
    for (name, set, l2, standardized) in Self.sets() {
      folders.append(folder(name))
      try write(set, l2: l2, standardized: standardized, to: folder(name))
    }
    let result = try runProcess(Self.interpreter, [Self.check] + folders)
    #expect(result.status == 0, "\(result.text)\(result.messages)")
    #expect(result.text.contains("\(folders.count) probes"))
  }

  private func write(_ set: Synthetic, l2: Double, standardized: Bool, to folder: String) throws {
    try Folder.create(folder)
    let data = try set.data()
    let isTest = set.utterances.map { $0 % 4 == 3 }
    var settings = ProbeSettings()
    settings.l2 = [l2]
    settings.standardized = standardized
    settings.resamples = 10
    let workers = Workers(count: 2)
    let accuracy = try Probe(settings, workers).run(data, target: "phone").accuracy
    let training = set.labels.indices.filter { !isTest[$0] }
    let frames = DenseFrames(
      columns: set.columns, training.flatMap { set.numbers[$0 * set.columns..<($0 + 1) * set.columns] })
    var regression = SoftmaxRegression.Settings()
    regression.standardized = standardized
    let fit = try SoftmaxRegression(
      frames, labels: training.map { set.labels[$0] }, settings: regression, workers
    ).fit(l2: l2)
    #expect(fit.isConverged)
    let places = fit.model.classes.indices.sorted { fit.model.classes[$0] < fit.model.classes[$1] }
    let probe: JSON = .object([
      "l2": .real(l2), "standardized": .bool(standardized),
      "classes": .array(places.map { .int(fit.model.classes[$0]) }),
      "weights": .array(places.map { k in .array((0..<set.columns).map { .real(fit.model.weight($0, k)) }) }),
      "intercepts": .array(places.map { .real(fit.model.intercept($0)) }), "objective": .real(fit.objective),
      "accuracy": .real(accuracy),
    ])
    try File.writing("\(folder)/probe.json").write(Array(probe.compact.utf8))
    try File.writing("\(folder)/x.f32").write(set.numbers.withUnsafeBytes { Array($0) })
    try File.writing("\(folder)/y.i32").write(set.labels.withUnsafeBytes { Array($0) })
    try File.writing("\(folder)/test.u8").write(isTest.map { $0 ? 1 : 0 })
  }
}
