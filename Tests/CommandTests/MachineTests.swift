import FileIO
import OrderedJSON
import TestSupport
import Testing

/// What tools make of the machine and of the limits that they run under.
@Suite struct MachineTests {
  private func machine(_ variables: [String], prefix: [String] = []) throws -> (JSON, messages: String) {
    let result = try runProcess(
      "/usr/bin/env",
      ["-u", "OPENBLAS_CORETYPE", "-u", "OPENBLAS_L2_SIZE", "-u", "SLURM_CPUS_PER_TASK"] + variables + prefix
        + [toolPath("cpc-inspect"), "machine", "--json"])
    try #require(result.status == 0, "\(result.messages)")
    return (try JSON(parsing: result.text), result.messages)
  }

  @Test func saysWhatMultiplies() throws {
    let (machine, messages) = try machine([])
    #expect(messages == "")
    #expect(machine["matrix_library"]?["pin"] == .null)
    #expect(machine["matrix_library"]?["core"]?.stringValue?.isEmpty == false)
    let precisions = try #require(machine["precisions"]?.arrayValue)
    #expect(precisions.prefix(2).map { $0["name"]?.stringValue } == ["float32", "float64"])
    for precision in precisions {
      #expect((precision["gigaflops_one_thread"]?.doubleValue ?? 0) > 0)
      #expect((precision["gigaflops_all_threads"]?.doubleValue ?? 0) > 0)
    }
    let text = try runTool("cpc-inspect", ["machine"])
    #expect(text.status == 0 && text.text.hasPrefix("processor     ") && text.text.split(separator: "\n").count <= 24)
  }

  @Test func coresAreThoseThatTheProcessMayUse() throws {
    let free = try machine([]).0["cores"]?.intValue ?? 0
    #expect(free >= 1)
    #expect(try machine(["SLURM_CPUS_PER_TASK=1"]).0["cores"] == .int(1))
    let status = try String(decoding: File.contents(of: "/proc/self/status"), as: UTF8.self)
    let list = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    let first = list.split(separator: "\t")[1].prefix { $0.isNumber }
    #expect(try machine([], prefix: ["taskset", "-c", String(first)]).0["cores"] == .int(1))
  }

  #if arch(x86_64)
    @Test func pinsAreRespectedAndSaid() throws {
      let (machine, messages) = try machine(["OPENBLAS_CORETYPE=Prescott"])
      #expect(machine["matrix_library"]?["core"]?.stringValue == "Prescott")
      #expect(machine["matrix_library"]?["reason"]?.stringValue == "pinned")
      let costs = (machine["processor"]?["vector_bits"]?.intValue ?? 0) > 128
      #expect(messages.contains("cpc-inspect: warning: OPENBLAS_CORETYPE=Prescott keeps OpenBLAS") == costs)
    }
  #endif

  /// The message of a library that cannot be loaded, and that tools which multiply nothing do not need it.
  @Test func aMissingLibraryIsNamed() throws {
    let folder = try TemporaryFolder()
    try File.writing(folder("libopenblas.so.0")).write("not a library")
    func run(_ tool: String, _ arguments: [String]) throws -> ToolResult {
      try runProcess("/usr/bin/env", ["LD_LIBRARY_PATH=\(folder(""))", toolPath(tool)] + arguments)
    }
    for result in [
      try run("cpc-inspect", ["machine"]), try run("cpc-train", ["-", "-o", folder("run")]),
      try run("cpc-align", [folder("none")]),
    ] {
      #expect(result.status == 1)
      #expect(
        result.messages.contains("the matrix library OpenBLAS cannot be loaded")
          && result.messages.contains("libopenblas0"), "\(result.messages)")
    }
    #expect(Folder.kind(of: folder("run")) == nil)
    #expect(try run("cpc-inspect", ["plan", "--mask", "--batch", "2"]).status == 0)
    #expect(try run("cpc-scan", ["--version"]).status == 0)
  }
}
