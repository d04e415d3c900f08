import ArgumentParser
import CommandSupport
import FileIO
import Kernels
import Models
import OrderedJSON

struct MachineCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "machine",
    abstract: "What this machine has and what the tools make of it: processor, kernels, cores, speed of products.",
    discussion: """
      The tools load the matrix library when they multiply and see to it that its kernels use what the processor has, \
      at run time. This says which kernels they are for each precision, why those, how many threads the tools start \
      without --threads and what limits them, and how fast products are: the best of half a second on one thread and \
      of half a second on all.

      OPENBLAS_CORETYPE names other kernels. It is respected, and every tool that multiplies says so where it costs \
      speed.

      EXAMPLES
        Before a long run, or for a report of a problem:
          cpc-inspect machine
        What a job in a batch system would get:
          srun -c 4 cpc-inspect machine
        For programs:
          cpc-inspect machine --json | jq .precisions
      """)

  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let choice = try MatrixLibrary.choice()
    for warning in choice.warnings { console.warn(warning) }
    let cores = AvailableCores.current
    try MatrixLibrary.requireAddressSpace(threads: cores.count)
    let report = MachineReport(
      processor: .current, cores: cores, choice: choice,
      precisions: [
        rates("fp32", choice, Float.self, cores.count), rates("fp64", choice, Double.self, cores.count),
        bfloat16(choice, cores.count),
      ])
    try File.standardOutput.write(result.json ? report.json.compact + "\n" : report.text)
    return true
  }

  private func rates<E: Operand>(
    _ name: String, _ choice: KernelChoice, _ operand: E.Type, _ cores: Int
  ) -> MachineReport.Precision {
    func gigaflops(_ threads: Int) -> Double {
      ProductRate.gigaflops(operand, workers: Workers(count: threads), seconds: 0.5)
    }
    let one = gigaflops(1)
    return MachineReport.Precision(
      name: name, library: "\(choice.library) \(choice.version)", kernels: choice.core, reason: choice.explanation,
      oneThread: one, allThreads: cores > 1 ? gigaflops(cores) : one)
  }

  private func bfloat16(_ choice: KernelChoice, _ cores: Int) -> MachineReport.Precision {
    var result = rates("bf16", choice, BFloat16.self, cores)
    if let implementation = BFloat16Products.implementation, let version = BFloat16Products.version {
      result.library = "oneDNN \(version)"
      result.kernels = implementation
      result.reason = "the processor's own instructions for bfloat16"
    } else if let reason = BFloat16Products.reason {
      result.reason = "fp32 products of rounded factors, which gain nothing: \(reason)"
    }
    return result
  }
}
