import Pipelines
import Synchronization
import Testing

struct LoanPoolTests {
  private final class Thing: Sendable {}

  @Test func lendsAgainWhatCameBack() {
    let made = Atomic(0)
    let pool = LoanPool {
      made.wrappingAdd(1, ordering: .relaxed)
      return Thing()
    }
    let first = pool.withItem { ObjectIdentifier($0) }
    #expect(pool.withItem { ObjectIdentifier($0) } == first)
    pool.withItem { outer in
      pool.withItem { inner in #expect(outer !== inner) }
    }
    #expect(made.load(ordering: .relaxed) == 2)
  }

  @Test func keepsALoanUntilItsLastUserDropsIt() {
    let pool = LoanPool { Thing() }
    var loan: LoanPool<Thing>.Loan? = pool.lend()
    let lent = ObjectIdentifier(loan!.item)
    let second = loan
    loan = nil
    withExtendedLifetime(second) { pool.withItem { #expect(ObjectIdentifier($0) != lent) } }
  }

  @Test func givesAnItemBackAfterAnError() {
    struct Stop: Error {}
    let pool = LoanPool { Thing() }
    let first = pool.withItem { ObjectIdentifier($0) }
    #expect(throws: Stop.self) { try pool.withItem { _ in throw Stop() } }
    #expect(pool.withItem { ObjectIdentifier($0) } == first)
  }
}
