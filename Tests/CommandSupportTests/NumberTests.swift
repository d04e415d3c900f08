import CommandSupport
import Testing

/// Numbers as people write them.
@Suite struct NumberTests {
  @Test(arguments: [
    ("0", 0), ("400", 400), ("+7", 7), ("-1", -1), ("1e4", 10_000), ("1E4", 10_000), ("1e+4", 10_000), ("10k", 10_000),
    ("10K", 10_000), ("1.5k", 1500), ("2M", 2_000_000), ("0.25M", 250_000), ("3G", 3_000_000_000), ("1.0", 1),
    ("12.50e2", 1250), (".5k", 500), ("5.", 5), ("100e-2", 1), ("0e-9", 0), ("0.0", 0), ("007", 7),
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("0.000001M", 1),
    ("1e18", 1_000_000_000_000_000_000),
  ]) func aCount(text: String, value: Int) throws { #expect(try readCount(text) == value) }

  @Test(arguments: [
    "", " ", "1.5", "1.5e0", "1e-1", "0.5", "0.0001k", "k", "e4", ".", "-", "1e", "1e4k", "10kk", "10 k", "10m",
    "1,000",
    "ten", "0x10", "1e4.0", "--3", "10%", "nan", "inf", "9223372036854775808", "1e19", "10000000000G", "1e999",
    "1e9999",
    "٣",
  ]) func noCount(text: String) { #expect(throws: NumberError.self) { try readCount(text) } }

  @Test(arguments: [
    ("0.1", 0.1), ("10%", 0.1), ("12.5%", 0.125), ("33.3%", 0.333), ("100%", 1), ("0", 0), ("0%", 0), ("1e-3", 1e-3),
    (".05", 0.05), ("-5%", -0.05), ("1e1%", 0.1), ("7%", 0.07), ("0.1%", 0.001),
  ]) func aShare(text: String, value: Double) throws { #expect(try readShare(text) == value) }

  @Test(arguments: ["", "%", "10%%", "10 %", "ten", "nan", "inf", "1k", "0x1p-3"]) func noShare(text: String) {
    #expect(throws: NumberError.self) { try readShare(text) }
  }
}
