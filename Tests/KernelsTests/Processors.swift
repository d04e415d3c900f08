import Kernels

/// Processors as /proc/cpuinfo describes them, with the flags that matter here.
enum Processors {
  static let emeraldRapids = x86(
    "GenuineIntel", 6, 207, "INTEL(R) XEON(R) PLATINUM 8581C CPU @ 2.10GHz", avx512 + " avx512_bf16 avx512_fp16 \(amx)")
  static let graniteRapids = x86("GenuineIntel", 6, 173, "Intel(R) Xeon(R) 6972P", avx512 + " avx512_bf16 \(amx)")
  static let skylakeServer = x86("GenuineIntel", 6, 85, "Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", avx512)
  static let knightsLanding = x86(
    "GenuineIntel", 6, 87, "Intel(R) Xeon Phi(TM) CPU 7250 @ 1.40GHz", avx2 + " avx512f avx512pf avx512er avx512cd")
  static let zen3 = x86("AuthenticAMD", 25, 1, "AMD EPYC 7763 64-Core Processor", avx2)
  static let zen4 = x86("AuthenticAMD", 25, 17, "AMD EPYC 9R14", avx512 + " avx512_bf16")
  static let zen5 = x86("AuthenticAMD", 26, 2, "AMD EPYC 9755 128-Core Processor", avx512 + " avx512_bf16")
  static let hygon = x86("HygonGenuine", 24, 1, "Hygon C86 7185 32-core Processor", avx2)
  static let excavator = x86("AuthenticAMD", 21, 101, "AMD A12-9720P RADEON R7", avx2 + " fma4 xop")
  static let avx2Laptop = x86("GenuineIntel", 6, 142, "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz", avx2)
  static let sandyBridge = x86("GenuineIntel", 6, 45, "Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", sse + " avx")
  static let sseOnly = x86("GenuineIntel", 6, 26, "Intel(R) Xeon(R) CPU X5570 @ 2.93GHz", sse)
  static let oldSSE = x86("AuthenticAMD", 15, 5, "AMD Opteron(tm) Processor 248", "fpu sse sse2")
  static let unknown = Processor(cpuinfo: "")
  static let graviton = Processor(
    cpuinfo: """
      processor\t: 0
      BogoMIPS\t: 2100.00
      Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid sve bf16
      CPU implementer\t: 0x41
      CPU part\t: 0xd40

      processor\t: 1
      BogoMIPS\t: 2100.00
      """)

  private static let sse = "fpu sse sse2 ht pni ssse3 sse4_1 sse4_2 popcnt"
  private static let avx2 = sse + " fma movbe f16c avx avx2 bmi1 bmi2"
  private static let avx512 = avx2 + " avx512f avx512dq avx512cd avx512bw avx512vl"
  private static let amx = "amx_bf16 amx_tile amx_int8"

  private static func x86(_ vendor: String, _ family: Int, _ model: Int, _ name: String, _ flags: String) -> Processor {
    // The second processor is there to be passed over.
    Processor(
      cpuinfo: """
        processor\t: 0
        vendor_id\t: \(vendor)
        cpu family\t: \(family)
        model\t\t: \(model)
        model name\t: \(name)
        stepping\t: 1
        cpu MHz\t\t: 2400.000
        flags\t\t: \(flags)
        vmx flags\t: vnmi avx512f
        bugs\t\t:

        processor\t: 1
        vendor_id\t: Other
        cpu family\t: 1
        model\t\t: 1
        model name\t: Another
        flags\t\t: fpu

        """)
  }
}
