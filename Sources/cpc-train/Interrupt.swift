import Glibc
import Synchronization
import Training

/// Ctrl-C and SIGTERM ask the trainer to finish its update and write a checkpoint; a second one ends the process.
/// SIGUSR1 asks for a checkpoint alone.
enum Interrupt {
  private static let stop = Atomic<Bool>(false)
  private static let checkpoint = Atomic<Bool>(false)

  static func install() {
    // Initialised before a handler may touch them.
    _ = (stop.load(ordering: .relaxed), checkpoint.load(ordering: .relaxed))
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interrupt.stop.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    signal(SIGUSR1) { _ in Interrupt.checkpoint.store(true, ordering: .relaxed) }
  }

  /// What has been asked for since the last time.
  static func request() -> TrainingRequest {
    if stop.load(ordering: .relaxed) { return .stop }
    return checkpoint.exchange(false, ordering: .relaxed) ? .checkpoint : .goOn
  }
}
