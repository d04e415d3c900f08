import Glibc
import Synchronization
import Training

/// Ctrl-C, SIGTERM, SIGHUP (the terminal has gone) and SIGXCPU (the limit of processor time) ask the trainer to finish
/// its batch and write a checkpoint; a second Ctrl-C or SIGTERM ends the process. SIGUSR1 asks for a checkpoint alone.
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
    // These come more than once by themselves. Under nohup, a terminal that goes is no reason to stop.
    for number in [SIGHUP, SIGXCPU] {
      let before = signal(number) { _ in Interrupt.stop.store(true, ordering: .relaxed) }
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
    }
    signal(SIGUSR1) { _ in Interrupt.checkpoint.store(true, ordering: .relaxed) }
  }

  /// What has been asked for since the last time.
  static func request() -> TrainingRequest {
    if stop.load(ordering: .relaxed) { return .stop }
    return checkpoint.exchange(false, ordering: .relaxed) ? .checkpoint : .goOn
  }
}
