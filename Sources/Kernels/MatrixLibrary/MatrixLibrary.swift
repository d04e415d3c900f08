import FileIO
import Glibc

/// The library that multiplies matrices: loaded on first use, with the right kernels for the processor at hand.
public enum MatrixLibrary {
  /// What multiplies, and why. The first call loads the library, for which it changes the environment for some
  /// milliseconds: tools call it before they start threads.
  ///
  /// - Throws: If there is no library, or none of its kernels computes right products.
  public static func choice() throws -> KernelChoice { try loaded.get().choice }

  /// Environment variables that may keep OpenBLAS from the kernels or block sizes for this machine, as `NAME=value`.
  public static var pins: [String] {
    [KernelSearch.pinVariable, KernelSearch.cacheVariable].compactMap { name in
      value(name).map { "\(name)=\($0)" }
    }
  }

  /// For products: whoever can be told of a failure has called ``choice()``.
  static let library: OpenBLAS = {
    switch loaded {
    case .success(let loaded): loaded.library
    case .failure(let failure): fatalError("\(failure)")
    }
  }()

  private static let loaded: Result<(library: OpenBLAS, choice: KernelChoice), Failure> = {
    do {
      var library: OpenBLAS?
      let search = KernelSearch(
        processor: .current, pin: value(KernelSearch.pinVariable), cacheSize: value(KernelSearch.cacheVariable)
      ) { core in
        // Unloaded first: a library that is there already would not choose again.
        library = nil
        let new = try OpenBLAS(core: core)
        library = new
        return LoadedKernels(
          core: new.core, version: new.version, isRight: KernelCheck(single: new.sgemm, double: new.dgemm).passes)
      }
      let choice = try search.run()
      return .success((library!, choice))
    } catch let failure as Failure {
      return .failure(failure)
    } catch { return .failure(Failure(.system, "\(error)")) }
  }()

  private static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
