import FileIO
import Kernels
import Testing

/// A library with some kernels, of which it chooses one by itself. As OpenBLAS it takes its own choice for a name that
/// it does not have, and knows names in upper and lower case.
private final class FakeLibrary {
  var own: String
  var names: [String]
  var wrong: Set<String> = []
  private(set) var loaded = ""

  /// All that OpenBLAS 0.3.21 has.
  static let all = [
    "Prescott", "Core2", "Nehalem", "Barcelona", "Sandybridge", "Bulldozer", "Piledriver", "Steamroller", "Excavator",
    "Haswell", "Zen", "SkylakeX", "Cooperlake",
  ]

  init(own: String, names: [String] = FakeLibrary.all, wrong: Set<String> = []) {
    (self.own, self.names, self.wrong) = (own, names, wrong)
  }

  func search(_ processor: Processor, pin: String? = nil, cacheSize: String? = nil) throws -> KernelChoice {
    let choice = try KernelSearch(processor: processor, pin: pin, cacheSize: cacheSize) { name in
      self.loaded = self.names.first { $0.lowercased() == name?.lowercased() } ?? self.own
      return LoadedKernels(core: self.loaded, version: "0.3.21", isRight: !self.wrong.contains(self.loaded))
    }.run()
    #expect(loaded == choice.core, "what is said is not what is loaded")
    return choice
  }
}

@Suite struct KernelSearchTests {
  private static let withoutAVX512 = FakeLibrary.all.filter { !["SkylakeX", "Cooperlake"].contains($0) }

  @Test(arguments: [
    // Libraries that are older than the processor.
    (Processors.emeraldRapids, "Prescott", FakeLibrary.all, "Cooperlake"),
    (Processors.emeraldRapids, "Haswell", FakeLibrary.all, "Cooperlake"),
    (Processors.emeraldRapids, "Prescott", FakeLibrary.all.filter { $0 != "Cooperlake" }, "SkylakeX"),
    (Processors.emeraldRapids, "Prescott", withoutAVX512, "Haswell"),
    (Processors.graniteRapids, "Prescott", FakeLibrary.all, "Cooperlake"),
    (Processors.skylakeServer, "Prescott", FakeLibrary.all, "SkylakeX"),
    (Processors.zen3, "Prescott", FakeLibrary.all, "Zen"),
    (Processors.zen3, "Barcelona", FakeLibrary.all.filter { $0 != "Zen" }, "Haswell"),
    (Processors.zen4, "Zen", FakeLibrary.all, "Cooperlake"),
    (Processors.zen4, "Haswell", FakeLibrary.all.filter { $0 != "Cooperlake" }, "SkylakeX"),
    (Processors.zen5, "Prescott", FakeLibrary.all, "Cooperlake"),
    (Processors.zen5, "Zen", FakeLibrary.all, "Cooperlake"),
    (Processors.zen5, "Barcelona", withoutAVX512, "Zen"),
    (Processors.hygon, "Bobcat", FakeLibrary.all, "Zen"),
    (Processors.avx2Laptop, "Prescott", FakeLibrary.all, "Haswell"),
    (Processors.avx2Laptop, "Sandybridge", FakeLibrary.all, "Haswell"),
    (Processors.sandyBridge, "Nehalem", FakeLibrary.all, "Sandybridge"),
    (Processors.knightsLanding, "Prescott", FakeLibrary.all, "Haswell"),
  ])
  func replacesWhatDoesNotUseTheProcessor(processor: Processor, own: String, names: [String], core: String) throws {
    let choice = try FakeLibrary(own: own, names: names).search(processor)
    #expect(
      choice == KernelChoice(version: "0.3.21", core: core, automaticCore: own, reason: .replaced), "\(processor.name)")
  }

  @Test(arguments: [
    (Processors.emeraldRapids, "Cooperlake"), (Processors.emeraldRapids, "SkylakeX"), (Processors.zen3, "Zen"),
    (Processors.zen3, "Haswell"), (Processors.zen4, "Cooperlake"), (Processors.zen5, "Cooperlake"),
    (Processors.avx2Laptop, "Haswell"), (Processors.knightsLanding, "Haswell"), (Processors.sandyBridge, "Sandybridge"),
    (Processors.sseOnly, "Nehalem"), (Processors.sseOnly, "Prescott"), (Processors.oldSSE, "Opteron"),
    // Libraries that know more than this list, and other architectures.
    (Processors.emeraldRapids, "SapphireRapids"), (Processors.graniteRapids, "GraniteRapids"),
    (Processors.zen5, "Zen5"),
    (Processors.graviton, "neoversev1"), (Processors.graviton, "armv8"),
    // Nothing is known of the processor.
    (Processors.unknown, "Prescott"), (Processors.unknown, "Cooperlake"),
  ])
  func leavesWhatIsRight(processor: Processor, own: String) throws {
    let choice = try FakeLibrary(own: own).search(processor)
    #expect(choice == KernelChoice(version: "0.3.21", core: own, automaticCore: own, reason: .automatic))
  }

  /// As of a build for one processor, which calls its kernels in upper case.
  @Test func staysWithTheOnlyKernelsThatThereAre() throws {
    for own in ["NEHALEM", "HASWELL"] {
      let choice = try FakeLibrary(own: own, names: []).search(Processors.emeraldRapids)
      #expect(choice == KernelChoice(version: "0.3.21", core: own, automaticCore: own, reason: .automatic))
    }
  }

  @Test func wrongKernelsAreNotUsedAndNamed() throws {
    let candidate = try FakeLibrary(own: "Prescott", wrong: ["Cooperlake", "SkylakeX"]).search(Processors.emeraldRapids)
    #expect(candidate.core == "Haswell" && candidate.reason == .replaced && candidate.automaticCore == "Prescott")
    #expect(candidate.warnings.count == 2 && candidate.warnings[1].contains("SkylakeX kernels of OpenBLAS 0.3.21"))
    let own = try FakeLibrary(own: "SkylakeX", wrong: ["Cooperlake", "SkylakeX"]).search(Processors.zen4)
    #expect(own.core == "Zen" && own.reason == .replaced && own.automaticCore == "SkylakeX")
    #expect(own.warnings.count == 2 && own.warnings[0].contains("SkylakeX"))
    let slower = try FakeLibrary(own: "Haswell", wrong: ["Haswell", "Zen"]).search(Processors.avx2Laptop)
    #expect(slower.core == "Sandybridge" && slower.warnings.count == 1)
    // What is faster is wrong, what is there is right.
    let back = try FakeLibrary(own: "Haswell", wrong: ["Cooperlake", "SkylakeX"]).search(Processors.zen5)
    #expect(back.core == "Haswell" && back.reason == .automatic && back.warnings.count == 2)
  }

  @Test func wrongKernelsWithoutOthersAreAFailure() {
    for (processor, own) in [(Processors.graviton, "armv8"), (Processors.zen3, "Zen")] {
      #expect {
        try FakeLibrary(own: own, wrong: Set(FakeLibrary.all + [own])).search(processor)
      } throws: { error in
        (error as? Failure)?.reason.contains("wrong products on this processor with its \(own) kernels") == true
      }
    }
  }

  @Test(arguments: [
    (Processors.zen3, "Zen", "Prescott", "Zen"), (Processors.zen3, "Zen", "sandybridge", "Zen"),
    (Processors.emeraldRapids, "Prescott", "Haswell", "Cooperlake"),
    // Unset, the library's own choice would have cost speed, too.
    (Processors.emeraldRapids, "Prescott", "Prescott", "Cooperlake"),
    (Processors.sandyBridge, "Sandybridge", "Nehalem", "Sandybridge"),
  ])
  func saysWhatAPinCosts(processor: Processor, own: String, pin: String, better: String) throws {
    let choice = try FakeLibrary(own: own).search(processor, pin: pin)
    #expect(choice.reason == .pinned && choice.core.lowercased() == pin.lowercased())
    #expect(choice.pin == "OPENBLAS_CORETYPE=\(pin)" && choice.automaticCore == own)
    #expect(choice.warnings.count == 1)
    for name in [choice.core, better, "OPENBLAS_CORETYPE=\(pin)"] { #expect(choice.warnings[0].contains(name)) }
  }

  @Test(arguments: [
    (Processors.zen3, "Zen", "Haswell"), (Processors.emeraldRapids, "Prescott", "SkylakeX"),
    (Processors.emeraldRapids, "Prescott", "Cooperlake"), (Processors.zen4, "Cooperlake", "SkylakeX"),
    (Processors.sseOnly, "Nehalem", "Prescott"), (Processors.unknown, "Haswell", "Prescott"),
  ])
  func aPinThatCostsNothingIsRespectedInSilence(processor: Processor, own: String, pin: String) throws {
    let choice = try FakeLibrary(own: own).search(processor, pin: pin)
    #expect(choice.core == pin && choice.reason == .pinned && choice.warnings.isEmpty)
  }

  /// The library has nothing better than the pin.
  @Test func aPinIsNoLossWhereNothingBetterIsThere() throws {
    let choice = try FakeLibrary(own: "Prescott", names: ["Prescott", "Nehalem"]).search(
      Processors.emeraldRapids, pin: "Nehalem")
    #expect(choice.core == "Nehalem" && choice.reason == .pinned && choice.warnings.isEmpty)
  }

  @Test func aPinThatNamesNothingIsSaidAndPassedOver() throws {
    let choice = try FakeLibrary(own: "Prescott").search(Processors.zen5, pin: "Zen9")
    #expect(choice.core == "Cooperlake" && choice.reason == .replaced && choice.pin == "OPENBLAS_CORETYPE=Zen9")
    #expect(choice.warnings.count == 1 && choice.warnings[0].contains("names no kernels"))
  }

  /// They would end the process by a signal, with no word.
  @Test(arguments: [
    (Processors.zen3, "SkylakeX"), (Processors.avx2Laptop, "cooperlake"), (Processors.sseOnly, "Haswell"),
    (Processors.zen3, "Piledriver"), (Processors.knightsLanding, "SkylakeX"),
  ])
  func pinsThatTheProcessorCannotRunAreRefused(processor: Processor, pin: String) {
    #expect { try FakeLibrary(own: "Zen").search(processor, pin: pin) } throws: { error in
      (error as? Failure)?.reason == "OPENBLAS_CORETYPE=\(pin) asks for instructions that this processor does not have"
    }
    #expect(throws: Never.self) { try FakeLibrary(own: "Excavator").search(Processors.excavator, pin: "Piledriver") }
  }

  @Test func aPinToWrongKernelsIsAFailure() {
    #expect { try FakeLibrary(own: "Zen", wrong: ["Haswell"]).search(Processors.zen3, pin: "Haswell") } throws: {
      error in
      (error as? Failure)?.reason.contains("wrong products") == true
    }
  }

  @Test func cacheSizesAreNamedWhereTheyAct() throws {
    func warnings(_ own: String, _ processor: Processor) throws -> Int {
      try FakeLibrary(own: own).search(processor, cacheSize: "256").warnings.count {
        $0.contains("OPENBLAS_L2_SIZE=256")
      }
    }
    #expect(try warnings("Prescott", Processors.sseOnly) == 1)
    #expect(try warnings("Nehalem", Processors.sseOnly) == 0)
    #expect(try warnings("Zen", Processors.zen3) == 0)
    #expect(try warnings("Prescott", Processors.zen3) == 0)
  }
}
