import FuzzTargets
import Glibc

// The entry point that libFuzzer calls; the environment variable CPC_FUZZ_TARGET says what it drives.

nonisolated(unsafe) private let reader: FuzzReader = {
  let name = getenv("CPC_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("CPC_FUZZ_TARGET is '\(name)', not one of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  do { return try FuzzReader(target) } catch { fatalError("\(error)") }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  _ = reader.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
