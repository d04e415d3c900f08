import Archives
public import FileIO
import Layouts
import Manifests
import Members
import OrderedJSON

/// A line of a manifest that could be read.
struct ManifestLine: Sendable {
  var number: Int
  var entry: ManifestEntry
}

/// The lines of a manifest, with some looking ahead.
final class ManifestLines {
  enum Item {
    case line(ManifestLine)
    case broken(Failure)
  }

  let path: String
  private let reader: LineReader
  /// Items read but not taken: from `taken` on.
  private var ahead: [Item] = []
  private var taken = 0
  /// There is nothing further.
  private var aheadIsComplete = false
  /// How often the lines ahead ask for a member, or for something in it.
  private var wanted: [MemberWish: Int] = [:]
  private static let maximumAhead = 1024

  /// Lines before the first one that is read, and where it begins.
  private let passed: (lines: Int, bytes: Int)
  /// Where lines begin that are passed over.
  private let skipped: Set<Int>

  /// - Parameters:
  ///   - passed: what of the file comes before the place where it is read from.
  ///   - skipped: lines that are passed over, by where they begin in the file.
  init(_ reader: LineReader, path: String, passed: (lines: Int, bytes: Int) = (0, 0), skipped: Set<Int> = []) {
    self.reader = reader
    self.path = path
    self.passed = passed
    self.skipped = skipped
  }

  /// The next line that is not empty; nil at the end.
  func next() throws -> Item? {
    if taken == ahead.count {
      ahead.removeAll(keepingCapacity: true)
      taken = 0
      aheadIsComplete = false
      return try read()
    }
    defer { taken += 1 }
    for wish in wishes(of: ahead[taken]) {
      let rest = wanted[wish, default: 0] - 1
      wanted[wish] = rest > 0 ? rest : nil
    }
    return ahead[taken]
  }

  /// Whether one of the next lines asks for a member of `source`, or for one of an archive that `member` is, as far as it
  /// is reasonable to look.
  func isWantedLater(_ member: String, source: String) throws -> Bool {
    if taken >= Self.maximumAhead {
      ahead.removeFirst(taken)
      taken = 0
    }
    while ahead.count - taken < Self.maximumAhead, !aheadIsComplete {
      guard let item = try read() else {
        aheadIsComplete = true
        break
      }
      ahead.append(item)
      for wish in wishes(of: item) { wanted[wish, default: 0] += 1 }
    }
    return wanted[MemberWish(source: source, member: member)] != nil
  }

  private func wishes(of item: Item) -> [MemberWish] {
    guard case .line(let line) = item, let member = line.entry.member else { return [] }
    return MemberWish.all(for: member, of: line.entry.source)
  }

  private func read() throws -> Item? {
    while let bytes = try reader.next() {
      if isBlank(bytes) || skipped.contains(passed.bytes + reader.lineOffset) { continue }
      let number = passed.lines + reader.line
      do { return .line(ManifestLine(number: number, entry: try ManifestEntry(parsing: bytes))) } catch {
        var failure = asBadInput(error)
        failure.path = path
        failure.position = "line \(number)"
        if let object = (try? JSON(parsing: bytes))?.objectValue, isLhotse(object) {
          failure.hint = "it looks like \(setting: "layout") lhotse"
        }
        return .broken(failure)
      }
    }
    return nil
  }
}

/// The lines of a manifest, which may be compressed.
///
/// - Parameter head: bytes already read from `file`; nil if none have been.
public func manifestLines(of file: File, head: [UInt8]? = nil) throws -> LineReader {
  let head = try head ?? InputKind.head(of: file)
  return CompressedText.isCompressed(head)
    ? LineReader(try CompressedText(file, head: head)) : LineReader(file, head: head)
}
