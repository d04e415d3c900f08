import ArgumentParser
import CommandSupport
import Training
import Networks
import Kernels

@main
struct TrainCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-train", version: toolsVersion)
  @OptionGroup var common: CommonOptions
  @Option var threads = 2

  func execute(_ console: Console) throws -> Bool {
    let workers = Workers(count: threads)
    console.note(BLAS.coreName)
    let t0 = Console.seconds()
    let model = AudioModel<Float>(AudioModelShape(), windows: 8, workers: workers)
    model.initialize(seed: 1)
    let adam = Adam(model.parameters)
    console.note("init \(Console.seconds() - t0)")
    let noise = RandomStream(seed: 3, purpose: .tests)
    for w in 0..<8 { for i in 0..<20480 { model.input(w)[i] = Float(noise.normal(UInt64(w * 20480 + i))) } }
    for _ in 0..<8 {
      let t = Console.seconds()
      model.forward()
      let t1 = Console.seconds()
      adam.clearGradients()
      let m = model.backward()
      let t2 = Console.seconds()
      let n = adam.gradientNorm(workers)
      adam.update(learningRate: 2e-4, workers)
      let t3 = Console.seconds()
      console.note("\(m.loss) norm \(n) fwd \(t1 - t) bwd \(t2 - t1) adam \(t3 - t2) total \(t3 - t)")
    }
    // plain sgemm
    let n = 2048
    let a = Buffer<Float>(count: n * n), b = Buffer<Float>(count: n * n), c = Buffer<Float>(count: n * n)
    for i in 0..<n * n { a[i] = 0.5; b[i] = 0.3 }
    for _ in 0..<5 {
      let t = Console.seconds()
      workers.gemm(Product(n, n, n), a.matrix(n), b.matrix(n), c.matrix(n))
      console.note("gemm \(2 * 2048.0 * 2048 * 2048 / (Console.seconds() - t) / 1e9)")
    }
    return true
  }
}
