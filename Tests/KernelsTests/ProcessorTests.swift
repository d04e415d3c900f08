import Kernels
import Testing

@Suite struct ProcessorTests {
  @Test func readsTheFirstProcessor() {
    let processor = Processors.zen4
    #expect(processor.vendor == "AuthenticAMD" && processor.name == "AMD EPYC 9R14")
    #expect(processor.family == 25 && processor.model == 17)
    #expect(processor.features.contains("avx512_bf16") && !processor.features.contains("vnmi"))
    #expect(
      processor.instructionSets
        == ["SSE4.2", "AVX", "AVX2", "FMA", "AVX-512F", "AVX-512BW", "AVX-512VL", "AVX512_BF16"])
  }

  @Test func knowsNothingWhereNothingIsSaid() {
    #expect(Processors.unknown == Processor(cpuinfo: "no colon\n\n:\n"))
    #expect(Processors.unknown.level == nil && Processors.graviton.level == nil)
    #expect(Processors.graviton.features.isEmpty)
  }

  @Test(arguments: [
    (Processors.emeraldRapids, InstructionLevel.avx512), (Processors.skylakeServer, .avx512),
    (Processors.zen5, .avx512),
    // AVX-512 without the parts that products use.
    (Processors.knightsLanding, .avx2), (Processors.zen3, .avx2), (Processors.avx2Laptop, .avx2),
    (Processors.sandyBridge, .avx), (Processors.sseOnly, .sse), (Processors.oldSSE, .sse),
  ])
  func levels(processor: Processor, level: InstructionLevel) { #expect(processor.level == level) }
}
