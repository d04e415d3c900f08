import Glibc
import Synchronization
import Training

/// Ctrl-C, SIGTERM, SIGHUP (the terminal has gone) and SIGXCPU (the limit of processor time) ask the trainer to finish
/// its batch and write a checkpoint; another Ctrl-C or SIGTERM, a second or more later, ends the process. SIGUSR1 asks for
/// a checkpoint alone.
enum Interrupt {
  private static let stop = Atomic<Bool>(false)
  private static let checkpoint = Atomic<Bool>(false)
  /// When the first came, in nanoseconds; 0 before.
  private static let first = Atomic<Int>(0)

  static func install() {
    // Initialised before a handler may touch them.
    _ = (stop.load(ordering: .relaxed), checkpoint.load(ordering: .relaxed), first.load(ordering: .relaxed))
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interrupt.stop.store(true, ordering: .relaxed)
        // timeout(1) and launchers send a signal twice: to the process, and to the group that it is in.
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let time = now.tv_sec * 1_000_000_000 + now.tv_nsec
        let (isFirst, began) = Interrupt.first.compareExchange(expected: 0, desired: time, ordering: .relaxed)
        guard !isFirst, time - began >= 1_000_000_000 else { return }
        signal(number, SIG_DFL)
        raise(number)
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
