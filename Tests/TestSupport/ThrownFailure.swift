public import FileIO

/// The failure that `body` throws; nil if it throws none.
public func failure(_ body: () throws -> Void) -> Failure? {
  do { try body() } catch { return error as? Failure }
  return nil
}
