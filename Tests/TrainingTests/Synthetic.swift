import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import RealModule
import Safetensors
import Shards
import Training

/// A made-up utterance: a tone of its speaker that moves, and noise.
struct SyntheticUtterance {
  var id: String
  var group: Int
  var samples: [Int16]

  init(_ index: Int, group: Int, length: Int, amplitude: Double = 2000) {
    let random = RandomStream(seed: UInt64(index), purpose: .tests, index: group)
    id = "\(group)-\(index)"
    self.group = group
    let base = 100.0 + 70 * Double(group)
    samples = (0..<length).map { i in
      let time = Double(i) / 16000
      let tone = Double.sin(2 * .pi * (base * time + 3 * Double.sin(5 * time + Double(index))))
      return Int16(amplitude * tone + 0.1 * amplitude * random.normal(UInt64(i)))
    }
  }

  func records(index: Int) -> UtteranceRecords {
    let memory = Buffer(samples)
    return UtteranceRecords(
      .audio, payload: [UnsafeRawBufferPointer(start: memory.pointer, count: 2 * memory.count)], owner: memory,
      tail: .pad, utterance: index, group: group, labels: nil, hash: XXH3.Stream())
  }
}

/// `count` utterances of four speakers, one to four windows long, most with a padded tail.
func someUtterances(_ count: Int) -> [SyntheticUtterance] {
  (0..<count).map { SyntheticUtterance($0, group: $0 % 4, length: 20480 * (1 + $0 % 4) + ($0 % 3) * 777) }
}

/// Writes a dataset of one shard.
func makeDataset(_ folder: String, _ utterances: [SyntheticUtterance]) throws -> Dataset {
  try Folder.create("\(folder)/shards")
  let writer = try ShardWriter(.audio, folder: folder, shard: 0)
  var rows: [Int32] = []
  for (index, utterance) in utterances.enumerated() {
    let records = utterance.records(index: index)
    try writer.append(records)
    rows.append(Int32(records.count))
  }
  let labels = writer.labels
  let dataset = DatasetWriter(.audio, folder: folder, shards: [try writer.finish()], firsts: [0], rows: rows)
  try dataset.writeUtterances { index, place in
    let utterance = utterances[index]
    return Array(
      """
      {"id":"\(utterance.id)","group":"\(utterance.group)","samples":\(utterance.samples.count),\
      "shard":\(place.shard),"row":\(place.row),"rows":\(place.rows)}
      """.utf8)
  }
  let groups = (utterances.map(\.group).max() ?? -1) + 1
  let facts: JSONObject = [
    "schema": .int(1), "kind": .string("audio"),
    "groups": .array((0..<groups).map { .object(["name": .string("speaker \($0)")]) }),
  ]
  try dataset.finish(
    groups: utterances.map { Int32($0.group) }, groupCount: groups, labels: labels, splits: [], facts: facts)
  return try Dataset(opening: folder)
}

/// Writes a record stream and opens it.
func makeStream(_ path: String, _ utterances: [SyntheticUtterance]) throws -> RecordStreamReader {
  let file = try File.writing(path)
  let writer = RecordStreamWriter(.audio, file)
  for (index, utterance) in utterances.enumerated() {
    try writer.append(utterance.records(index: index), id: utterance.id, group: "\(utterance.group)")
  }
  try writer.finish()
  try file.close()
  return RecordStreamReader(try File.reading(path))
}

/// The settings of the model of audio, by themselves.
extension TrainingConfiguration {
  var audio: AudioSpecification {
    get { specification as! AudioSpecification }
    set { specification = newValue }
  }
  var shape: AudioModelShape {
    get { audio.shape }
    set { audio.shape = newValue }
  }
  var precision: Precision {
    get { audio.precision }
    set { audio.precision = newValue }
  }
  var input: InputScale {
    get { audio.input }
    set { audio.input = newValue }
  }
}

/// A model that trains in no time.
func smallConfiguration() -> TrainingConfiguration {
  var configuration = TrainingConfiguration()
  configuration.shape.channels = 16
  configuration.shape.context = 12
  configuration.shape.stepsAhead = 3
  configuration.batch = 4
  configuration.updates = 5
  configuration.logEvery = 2
  configuration.validFraction = 0.2
  configuration.learningRate = 1e-3
  configuration.buffer = 16
  return configuration
}

func planned(_ dataset: Dataset, _ configuration: TrainingConfiguration) throws -> PlannedBatches {
  let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
  return try PlannedBatches(division, configuration)
}

/// Standard normal noise as the samples of all windows of a model.
func fillWithNoise<Element: Operand>(_ model: ContrastiveModel<Element>, seed: Int, update: Int = 0) {
  let stream = RandomStream(seed: UInt64(seed), purpose: .tests, index: update)
  for w in 0..<model.windows {
    let count = model.encoder.inputCount
    for i in 0..<count {
      model.input(w)[i] = Element.Sum(stream.normal(UInt64(w * count + i)))
    }
  }
}

/// Scales all parameters, away from where the first update is, whose gradients are next to nothing.
func leavePlateau<Element: Operand>(_ model: ContrastiveModel<Element>, by factor: Element.Sum) {
  for parameter in model.parameters {
    for i in 0..<parameter.count { parameter.value[i] *= factor }
    parameter.noteChange()
  }
}

/// ∂loss/∂element `i` of a parameter for what is in the model's inputs, by central differences.
func numericGradient(of parameter: Parameter<Double>, _ i: Int, in model: ContrastiveModel<Double>) -> Double {
  let kept = parameter.value[i]
  defer { parameter.value[i] = kept }
  func loss(_ value: Double) -> Double {
    parameter.value[i] = value
    model.forward()
    return model.evaluate().loss
  }
  return (loss(kept + 1e-6) - loss(kept - 1e-6)) / 2e-6
}

/// Arrays in a safetensors file, for scripts in `Tools/torch`.
func writeTensors(
  _ arrays: [(name: String, shape: [Int], values: [Float])], metadata: [(key: String, value: String)] = [],
  samples: (shape: [Int], values: [Int16])? = nil, to path: String
) throws {
  let memory = arrays.map { Buffer($0.values) }
  var tensors = zip(arrays, memory).map { TensorBytes($0.name, .f32, shape: $0.shape, bytes: $1.bytes) }
  let sampleMemory = samples.map { Buffer($0.values) }
  if let samples, let sampleMemory {
    tensors.append(TensorBytes("samples", .i16, shape: samples.shape, bytes: sampleMemory.bytes))
  }
  try withExtendedLifetime((memory, sampleMemory)) {
    try writeSafetensors(tensors, metadata: metadata, to: path)
  }
}

extension Trainer {
  /// Runs until it has asked so many times whether it is to stop.
  func run(stopAfter: Int) throws {
    var asked = 0
    _ = try run(request: {
      asked += 1
      return asked >= stopAfter ? .stop : .goOn
    })
  }
}
