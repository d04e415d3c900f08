public import FileIO

/// Kaldi's `phones.txt`: `NAME NUMBER` on each line.
public struct SymbolTable: Sendable {
  private var names: [Int: String] = [:]
  private var numbers: [Name: Int] = [:]

  public init(reading file: File) throws {
    let reader = LineReader(file, maximumLength: 1 << 16)
    while let line = try reader.next() {
      func bad(_ reason: String) -> Failure {
        Failure(.badInput, path: file.path, at: "line \(reader.line)", reason, hint: "NAME NUMBER on each line")
      }
      let fields = line.split { $0 == 0x20 || $0 == 0x09 }
      if fields.isEmpty { continue }
      guard fields.count == 2, let name = String(validating: fields[0], as: UTF8.self),
        let number = Int(String(decoding: fields[1], as: UTF8.self)), number >= 0
      else { throw bad("not a symbol and its number") }
      guard names.updateValue(name, forKey: number) == nil else { throw bad("number \(number) is there twice") }
      guard numbers.updateValue(number, forKey: Name(name)) == nil else { throw bad("symbol \(name) is there twice") }
    }
    guard !names.isEmpty else { throw Failure(.badInput, path: file.path, "an empty symbol table") }
  }

  /// The name of a number; a name that the table has stands for itself.
  func name(_ text: String, at failure: (String) -> Failure) throws -> String {
    if let number = Int(text), let name = names[number] { return name }
    if numbers[Name(text)] != nil { return text }
    throw failure("\(text) is not in the symbol table")
  }

  /// The number of a name; for writing.
  func number(_ name: String) throws -> String {
    if let number = numbers[Name(name)] { return String(number) }
    throw Failure(.badInput, "the phone \(name) is not in the symbol table")
  }
}
