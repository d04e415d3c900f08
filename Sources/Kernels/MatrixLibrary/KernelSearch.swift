import FileIO

/// A library that has been loaded with some kernels.
package struct LoadedKernels {
  package var core: String
  package var version: String
  /// Whether its products are right.
  package var isRight: Bool

  package init(core: String, version: String, isRight: Bool) {
    (self.core, self.version, self.isRight) = (core, version, isRight)
  }
}

/// Finds the kernels to multiply with: the user's, else the library's own choice, else, where that does not use what
/// the processor has or multiplies wrongly, the fastest ones that the processor can run, the library has, and that
/// multiply rightly. Old libraries take processors that came after them for ancient ones, or have kernels that are
/// wrong on newer ones.
package struct KernelSearch {
  private let processor: Processor
  private let pin: String?
  private let cacheSize: String?
  private let load: (String?) throws -> LoadedKernels

  static let pinVariable = "OPENBLAS_CORETYPE"
  static let cacheVariable = "OPENBLAS_L2_SIZE"

  /// - Parameters:
  ///   - pin: The value of `OPENBLAS_CORETYPE`; nil if it is not set, or empty.
  ///   - cacheSize: That of `OPENBLAS_L2_SIZE`.
  ///   - load: Loads the library anew, with kernels of this name or with its own choice. What is loaded last is what is
  ///     used. A library that lacks the kernels takes others.
  package init(
    processor: Processor, pin: String? = nil, cacheSize: String? = nil,
    load: @escaping (String?) throws -> LoadedKernels
  ) {
    (self.processor, self.pin, self.cacheSize, self.load) = (processor, pin, cacheSize, load)
  }

  package func run() throws -> KernelChoice {
    var choice = try pin.map { try pinned($0) } ?? automatic()
    if let cacheSize, KernelName.blocksByCacheSize(choice.core) {
      choice.warnings.append(
        "\(Self.cacheVariable)=\(cacheSize) sets the block size of OpenBLAS's \(choice.core) kernels: "
          + "unset it unless it is known to help")
    }
    return choice
  }

  private func automatic() throws -> KernelChoice {
    let own = try load(nil)
    var choice = KernelChoice(version: own.version, core: own.core, automaticCore: own.core, reason: .automatic)
    if !own.isRight { choice.warnings.append(wrong(own)) }
    var last = own
    for name in better(than: own) {
      last = try load(name)
      guard Self.same(last.core, name) else { continue }
      guard last.isRight else {
        choice.warnings.append(wrong(last))
        continue
      }
      (choice.core, choice.reason) = (last.core, .replaced)
      return choice
    }
    guard own.isRight else {
      throw Failure(
        .system, "OpenBLAS \(own.version) computes wrong products on this processor with its \(own.core) kernels",
        hint: "install another version of OpenBLAS, or name other kernels in \(Self.pinVariable)")
    }
    if last.core != own.core { _ = try load(nil) }
    return choice
  }

  /// Names to try instead of the library's own choice. Kernels that are not known here are newer than this list, and
  /// so are right for their processor.
  private func better(than own: LoadedKernels) -> [String] {
    let others = KernelName.candidates(for: processor).filter { !Self.same($0, own.core) }
    guard own.isRight else { return others }
    guard let level = KernelName.level(own.core) else { return [] }
    return others.filter { KernelName.level($0).map { $0 > level } ?? false }
  }

  private func pinned(_ name: String) throws -> KernelChoice {
    let pin = "\(Self.pinVariable)=\(name)"
    if KernelName.exceeds(name, processor) {
      throw Failure(
        .system, "\(pin) asks for instructions that this processor does not have",
        hint: "unset it: the tools choose kernels for the processor")
    }
    let loaded = try load(name)
    guard Self.same(loaded.core, name) else {
      var choice = try automatic()
      choice.pin = pin
      choice.warnings.append("\(pin) names no kernels that OpenBLAS \(loaded.version) has: it is as if it were not set")
      return choice
    }
    guard loaded.isRight else {
      throw Failure(
        .system, "\(pin): these kernels of OpenBLAS \(loaded.version) compute wrong products on this processor",
        hint: "unset it")
    }
    var choice = KernelChoice(version: loaded.version, core: loaded.core, reason: .pinned, pin: pin)
    guard let level = KernelName.level(loaded.core), let possible = processor.level, level < possible else {
      return choice
    }
    let best = try automatic()
    _ = try load(name)
    choice.automaticCore = best.automaticCore
    if let reached = KernelName.level(best.core), reached > level {
      choice.warnings.append(
        "\(pin) keeps OpenBLAS to its \(loaded.core) kernels (\(level.name)); unset, it would use \(best.core) "
          + "(\(reached.name)), which is faster on this processor")
    }
    return choice
  }

  private func wrong(_ kernels: LoadedKernels) -> String {
    "the \(kernels.core) kernels of OpenBLAS \(kernels.version) compute wrong products on this processor: not used"
  }

  private static func same(_ a: String, _ b: String) -> Bool { a.lowercased() == b.lowercased() }
}
