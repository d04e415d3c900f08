import Glibc
import Synchronization

/// Ctrl-C and SIGTERM ask the trainer to finish its update and write a checkpoint; a second one ends the process.
enum Interrupt {
  private static let requested = Atomic<Bool>(false)

  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  static func install() {
    // Initialised before a handler may touch it.
    _ = isRequested
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interrupt.requested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
