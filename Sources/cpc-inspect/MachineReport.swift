import CommandSupport
import FileIO
import Kernels
import Models
import OrderedJSON

/// What ``MachineCommand`` prints, for people and for programs.
struct MachineReport {
  /// What multiplies in one precision, and how fast.
  struct Precision {
    var name: String
    var library: String
    var kernels: String
    var reason: String
    /// 10⁹ operations a second.
    var oneThread: Double
    var allThreads: Double
  }

  var processor: Processor
  var cores: AvailableCores
  var choice: KernelChoice
  var precisions: [Precision]

  var text: String {
    var lines = [
      ("processor", processorText),
      ("instructions", processor.features.isEmpty ? "not known" : processor.instructionSets.joined(separator: " ")),
      ("vectors", "row kernels for \(VectorLevel.name)"),
      ("cores", coresText),
    ]
    for precision in precisions {
      lines.append(
        (precision.name, "\(precision.library), \(precision.kernels) kernels: \(precision.reason)"))
      let (one, all) = (rounded(precision.oneThread), rounded(precision.allThreads))
      lines.append(("", "\(one) GFLOP/s on one thread, \(all) on \(cores.count)"))
    }
    return lines.map { name, value in
      name + String(repeating: " ", count: 14 - name.count) + printable(value) + "\n"
    }.joined()
  }

  private var processorText: String {
    var parts = [processor.vendor]
    if let family = processor.family { parts.append("family \(family)") }
    if let model = processor.model { parts.append("model \(model)") }
    let details = parts.filter { !$0.isEmpty }.joined(separator: ", ")
    guard !details.isEmpty else { return processor.name.isEmpty ? "not known" : processor.name }
    return "\(processor.name) (\(details))"
  }

  private var coresText: String {
    let limits = cores.limits.map { "\($0.name) \(rounded($0.cores))\($0.path.map { " (\($0))" } ?? "")" }
    return "\(cores.count) may be used; " + limits.joined(separator: ", ")
  }

  var json: JSON {
    .object([
      "type": .string("machine"),
      "processor": .object([
        "name": .string(processor.name), "vendor": .string(processor.vendor),
        "family": processor.family.map { .int($0) } ?? .null, "model": processor.model.map { .int($0) } ?? .null,
        "instruction_sets": .array(processor.instructionSets.map { .string($0) }),
        "vector_bits": processor.level.map { .int($0.vectorBits) } ?? .null, "vector_level": .string(VectorLevel.name),
      ]),
      "cores": .int(cores.count),
      "core_limits": .array(
        cores.limits.map { limit in
          .object([
            "name": .string(limit.name), "cores": .real(limit.cores), "path": limit.path.map { .string($0) } ?? .null,
          ])
        }),
      "matrix_library": choice.json,
      "precisions": .array(
        precisions.map { precision in
          .object([
            "name": .string(precision.name), "library": .string(precision.library),
            "kernels": .string(precision.kernels), "reason": .string(precision.reason),
            "gigaflops_one_thread": .real(tenths(precision.oneThread)),
            "gigaflops_all_threads": .real(tenths(precision.allThreads)),
          ])
        }),
    ])
  }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  /// One decimal where the number is small.
  private func rounded(_ value: Double) -> String {
    let tenths = tenths(value)
    return value >= 20 || tenths == tenths.rounded() ? "\(Int(value.rounded()))" : "\(tenths)"
  }
}
