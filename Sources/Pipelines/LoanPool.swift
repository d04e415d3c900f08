import Synchronization

/// Things that are made when they are needed and used again: buffers, for which fresh memory would come from the system
/// page by page, cleared; workers with scratch memory of their own.
public final class LoanPool<Item: Sendable>: Sendable {
  private let idle = Mutex<[Item]>([])
  private let make: @Sendable () -> Item

  /// - Parameter make: makes another one when all are on loan; any thread may run it.
  public init(_ make: @escaping @Sendable () -> Item) { self.make = make }

  /// An item on loan; it goes back when the last user drops the loan.
  public final class Loan: Sendable {
    public let item: Item
    private let pool: LoanPool

    fileprivate init(_ item: Item, _ pool: LoanPool) {
      self.item = item
      self.pool = pool
    }

    deinit { pool.idle.withLock { $0.append(item) } }
  }

  public func lend() -> Loan { Loan(idle.withLock { $0.popLast() } ?? make(), self) }

  /// Lends an item for as long as `body` runs.
  public func withItem<Result>(_ body: (Item) throws -> Result) rethrows -> Result {
    let loan = lend()
    return try withExtendedLifetime(loan) { try body(loan.item) }
  }
}
