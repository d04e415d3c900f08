/// What is known of OpenBLAS's kernels by their names ("core names"), which are those of processors.
enum KernelName {
  /// The instructions that kernels are written for; nil for names that are not known here, as those of newer libraries
  /// and of other architectures. Upper and lower case are the same to OpenBLAS.
  static func level(_ name: String) -> InstructionLevel? { levels[name.lowercased()] }

  /// Cooperlake and SapphireRapids multiply single and double precision as SkylakeX does: they differ in bfloat16, for
  /// which OpenBLAS is not used.
  private static let levels: [String: InstructionLevel] = {
    let names: [InstructionLevel: String] = [
      .sse: """
      generic katmai coppermine northwood prescott banias atom core2 penryn dunnington nehalem athlon opteron \
      opteron_sse3 barcelona bobcat nano
      """,
      .avx: "sandybridge bulldozer piledriver steamroller excavator",
      .avx2: "haswell zen",
      .avx512: "skylakex cooperlake sapphirerapids",
    ]
    var result: [String: InstructionLevel] = [:]
    for (level, list) in names { for name in list.split(separator: " ") { result[String(name)] = level } }
    return result
  }()

  /// Kernels that use instructions which their processors alone had (FMA4).
  private static let withFMA4: Set = ["bulldozer", "piledriver", "steamroller", "excavator"]

  /// Whether the processor is known to lack what the kernels need: they would end the process.
  static func exceeds(_ name: String, _ processor: Processor) -> Bool {
    guard let needed = level(name), let level = processor.level else { return false }
    return needed > level || (withFMA4.contains(name.lowercased()) && !processor.has("fma4"))
  }

  /// Kernels that the processor can run, the fastest first; empty where nothing is known of it.
  static func candidates(for processor: Processor) -> [String] {
    guard let level = processor.level else { return [] }
    let isAMD = processor.vendor == "AuthenticAMD" || processor.vendor == "HygonGenuine"
    var names: [String] = []
    if level >= .avx512 { names += processor.has("avx512_bf16") ? ["Cooperlake", "SkylakeX"] : ["SkylakeX"] }
    if level >= .avx2 { names += isAMD ? ["Zen", "Haswell"] : ["Haswell"] }
    if level >= .avx { names += ["Sandybridge"] }
    if processor.has("sse4_2") { names += ["Nehalem"] }
    return names + ["Prescott"]
  }

  /// Whether `OPENBLAS_L2_SIZE` changes the block size of these kernels. All later ones have fixed block sizes.
  static func blocksByCacheSize(_ name: String) -> Bool {
    [
      "katmai", "coppermine", "northwood", "prescott", "banias", "atom", "core2", "penryn", "dunnington", "athlon",
      "opteron", "opteron_sse3",
    ].contains(name.lowercased())
  }
}
