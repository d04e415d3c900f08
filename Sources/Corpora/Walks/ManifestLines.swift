import Archives
public import FileIO
import Layouts
import Manifests
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
  private var wanted: [Wish: Int] = [:]
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
    for wish in Wish.all(of: ahead[taken]) {
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
      for wish in Wish.all(of: item) { wanted[wish, default: 0] += 1 }
    }
    return wanted[Wish(source: source, member: member)] != nil
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

/// What a line asks for, by the bytes of the names.
private struct Wish: Hashable {
  var source: SIMD2<UInt64>
  var member: SIMD2<UInt64>

  init(source: String, member: String) {
    self.source = XXH3.key128(source)
    self.member = XXH3.key128(member)
  }

  /// The member that a line names, and the archives in the archive that it may be in.
  static func all(of item: ManifestLines.Item) -> [Wish] {
    guard case .line(let line) = item, let member = line.entry.member else { return [] }
    var paths = [member]
    var folder = Folder.parent(of: member)
    while folder.utf8.count > 1 {
      if ArchiveMembers.isArchive(name: folder) { paths.append(folder) }
      folder = Folder.parent(of: folder)
    }
    return paths.map { Wish(source: line.entry.source, member: $0) }
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
