import FileIO
import Glibc
import TestSupport
import Testing

/// A kind of archive.
struct Container: Sendable, CustomTestStringConvertible {
  var suffix: String
  var format: ArchiveFile.Format
  var compression: ArchiveFile.Compression
  var testDescription: String { suffix }

  static let all = [
    Container(suffix: ".tar", format: .ustar, compression: .none),
    Container(suffix: ".tar.gz", format: .pax, compression: .gzip),
    Container(suffix: ".tar.zst", format: .gnuTar, compression: .zstd),
    Container(suffix: ".zip", format: .zip, compression: .none),
  ]
}

/// A zoo laid out as a corpus, and what must come of it.
struct Enclosure {
  enum Layout: String, CaseIterable, Sendable {
    case librispeech
    case speakerFolders = "speaker-folders"
    case libriLight = "libri-light"
    case kaldi
    case manifest
  }

  struct Good {
    var id: String
    /// Of its file.
    var path: String
    var text: String?
    var samples: [Int16]
  }

  private(set) var good: [Good] = []
  /// The end of the path that is named, and the reason.
  private(set) var bad: [(path: String, reason: String)] = []
  private(set) var arguments: [String]
  private let layout: Layout
  private let root: String
  private var files: [ArchiveFile.Member] = []
  private var animals: [(path: String, animal: Zoo.Animal)] = []

  init(_ layout: Layout, _ zoo: Zoo, root: String) throws {
    self.layout = layout
    self.root = root
    arguments = layout == .manifest ? [] : ["--layout", layout.rawValue]
    let animals = [.librispeech, .libriLight].contains(layout) ? zoo.flac : zoo.flac + zoo.others
    for (number, animal) in animals.enumerated() { place(animal, number) }
    switch layout {
    case .librispeech: addTranscripts()
    case .speakerFolders: add(path("good-flac-0", "wav"), zoo.others[0].bytes, "duplicate utterance id")
    case .libriLight: addActivity(zoo.flac[0])
    case .kaldi: addTables()
    case .manifest: return
    }
    guard layout != .kaldi else { return }
    let first = animals[0]
    if layout != .speakerFolders { add("zzz/" + files[0].path, first.bytes, "duplicate utterance id") }
    add(layout == .speakerFolders ? "loose.wav" : parent + "/stray.wav", first.bytes, "does not fit the layout")
    add(parent + "/.hidden.flac", first.bytes, nil)
    let odd = Array("\(parent)/".utf8) + [0xe9] + Array(".flac".utf8)
    files.append(.init(rawName: odd, first.bytes))
    bad.append(("\(parent)/\\xE9.flac", "the name is not UTF-8"))
  }

  private var parent: String {
    switch layout {
    case .librispeech: "test/84/84100"
    case .speakerFolders: "s"
    case .libriLight: "1/b"
    case .kaldi, .manifest: "audio"
    }
  }

  private func path(_ name: String, _ type: String) -> String { "\(parent)/\(name).\(type)" }

  /// Where audio that is no animal would be.
  private func extra(_ number: Int) -> String {
    path((layout == .librispeech ? "84-84100-" : "") + "\(number)", "flac")
  }

  private mutating func add(_ path: String, _ bytes: [UInt8], _ reason: String?) {
    files.append(.init(path, bytes))
    if let reason { bad.append((path, reason)) }
  }

  private mutating func place(_ animal: Zoo.Animal, _ number: Int) {
    let name = layout == .librispeech ? "84-84100-\(1000 + number)" : animal.name
    animals.append((path(name, animal.type), animal))
    // A manifest knows what is wrong with it.
    add(path(name, animal.type), animal.bytes, layout == .manifest ? nil : animal.reason)
    guard layout != .manifest, animal.reason == nil else { return }
    let id = layout == .speakerFolders || layout == .libriLight ? "\(parent)/\(name)" : name
    // One has none.
    let text = layout == .libriLight || number == 0 ? nil : "THIS IS \(number)"
    good.append(Good(id: id, path: path(name, animal.type), text: text, samples: animal.samples))
    if layout == .speakerFolders, let text { add(path(name, "txt"), Array("\(text)\n".utf8), nil) }
  }

  private mutating func addTranscripts() {
    var lines = ""
    for utterance in good { if let text = utterance.text { lines += "\(utterance.id) \(text)\n" } }
    // What is said of bad audio is no further problem.
    lines += "84-84100-1001 SAID\n"
    add("\(parent)/84-84100.trans.txt", Array(lines.utf8), nil)
    add(
      "test/84/84101/84-84101.trans.txt", Array("84-84101-0000 NOBODY SAYS THIS\n".utf8), "a transcript without audio")
    add("test/84/84102/84-84102.trans.txt", Array("nospace\n".utf8), "not 'ID TEXT'")
    bad[bad.count - 1].path += ": line 1"
  }

  private mutating func addActivity(_ animal: Zoo.Animal) {
    let table = [
      ("broken", "{broken", "not JSON"), ("empty-piece", #"{"voice_activity":[[0.1,0.10001]]}"#, "an empty piece"),
      ("behind", #"{"voice_activity":[[0,9]]}"#, "after the end of the audio"),
      ("far", #"{"voice_activity":[[1e300,1e301]]}"#, "after the end of the audio"),
      ("overlap", #"{"voice_activity":[[0,0.1],[0.05,0.2]]}"#, "overlaps the one before"),
    ]
    for (name, json, reason) in table {
      add(path(name, "flac"), animal.bytes, nil)
      add(path(name, "json"), Array(json.utf8), nil)
      bad.append(
        (reason.hasPrefix("not") || reason.hasPrefix("over") ? path(name, "json") : path(name, "flac"), reason))
    }
  }

  private mutating func addTables() {
    var (scp, speakers, texts) = ("", "", "")
    for file in files {
      let name = stem(file.path)
      scp += "\(name) \(file.path)\n"
      speakers += "\(name) s\n"
    }
    for (name, reason) in [("gone", "cannot be opened"), ("command", "is a command")] {
      scp += "\(name) \(name == "gone" ? "gone.wav" : "sox x.wav -t wav - speed 1.1 |")\n"
      speakers += "\(name) s\n"
      bad.append(("data/wav.scp: line \(files.count + (name == "gone" ? 1 : 2))", reason))
    }
    for utterance in good { if let text = utterance.text { texts += "\(utterance.id) \(text)\n" } }
    texts += "nobody WORLD\n"
    bad.append(("data/text: line \(good.count)", "a transcript without audio"))
    for (name, text) in [("wav.scp", scp), ("utt2spk", speakers), ("text", texts)] {
      files.append(.init("data/\(name)", Array(text.utf8)))
    }
  }

  private func stem(_ path: String) -> String { String(Folder.name(of: path).prefix { $0 != "." }) }

  /// As a folder.
  mutating func write() throws {
    for file in files {
      try Folder.create("\(root)/\(Folder.parent(of: file.path))")
      try writeFile(named: Array("\(root)/".utf8) + file.name, file.bytes)
    }
    switch layout {
    case .kaldi: arguments = ["\(root)/data", "--root", root] + arguments
    case .manifest: try writeManifest(to: "\(root)/zoo.jsonl", of: nil)
    default: arguments = [root] + arguments
    }
    bad = bad.map { ("\(root)/\($0.path)", $0.reason) }
  }

  /// - Parameter archive: nil for files beside the manifest.
  private mutating func writeManifest(to path: String, of archive: String?) throws {
    let manifest = ZooManifest(animals, archive: archive)
    try File.writing(path).write(manifest.lines.joined(separator: "\n") + "\n")
    arguments = [path]
    good = manifest.good
    bad = manifest.badFiles + manifest.badLines.map { ("\(Folder.name(of: path)): line \($0.line)", $0.reason) }
  }

  /// Forbids reading a file and a folder.
  mutating func lock() throws {
    let locked = good[1].path
    for utterance in good where utterance.path == locked { bad.append(("\(root)/\(locked)", "Permission denied")) }
    good.removeAll { $0.path == locked }
    guard chmod("\(root)/\(locked)", 0) == 0 else { throw Failure.system("lock", path: locked) }
    guard layout != .kaldi, layout != .manifest else { return }
    let folder = "\(root)/\(parent)/locked/"
    guard mkdir(folder, 0) == 0 else { throw Failure.system("make", path: folder) }
    bad.append((folder, "Permission denied"))
  }

  /// Links, folders and pipes in the place of audio.
  mutating func addWhatOnlyDisksHold() throws {
    guard layout != .kaldi, layout != .manifest else { return }
    for (number, make, reason) in [
      (2001, { symlink("nowhere", $0) }, "No such file"), (2002, { symlink($0, $0) }, "Too many levels"),
      (2003, { mkdir($0, 0o777) }, "a folder, not a file"), (2004, { mkfifo($0, 0o666) }, "not a regular file"),
    ] as [(Int, (String) -> CInt, String)] {
      guard make("\(root)/\(extra(number))") == 0 else {
        throw Failure.system("make", path: "\(root)/\(extra(number))")
      }
      bad.append(("\(root)/\(extra(number))", reason))
    }
    // A way back up is not followed.
    guard symlink("..", "\(root)/\(parent)/circle") == 0 else { throw Failure.system("link", path: root) }
  }

  /// As an archive.
  mutating func write(_ container: Container, to path: String) throws {
    if layout == .manifest {
      try ArchiveFile.write(files, to: path, format: container.format, compression: container.compression)
      try Folder.create("\(Folder.parent(of: path))/audio")
      try writeManifest(to: path + ".jsonl", of: Folder.name(of: path))
      bad = bad.map {
        $0.path.contains(": line ")
          ? (Folder.parent(of: path) + "/" + $0.path, $0.reason) : ("\(path): \($0.path)", $0.reason)
      }
      return
    }
    let isZip = container.format == .zip
    let (encrypted, corrupt) = (extra(3001), extra(3002))
    if isZip {
      for (path, reason) in [(encrypted, "encrypted: it can be read only with a password"), (corrupt, "CRC")] {
        add(path, files[0].bytes, reason)
      }
    } else {
      files.append(.init(extra(3003), linkedTo: "nowhere.flac"))
      bad.append((extra(3003), "which the archive does not hold"))
    }
    // libarchive writes no other names than UTF-8 into zip.
    var files = files
    if isZip { for i in files.indices { files[i].name = files[i].name.map { $0 == 0xe9 ? UInt8(ascii: "~") : $0 } } }
    try ArchiveFile.write(files, to: path, format: container.format, compression: container.compression)
    if isZip {
      var bytes = try File.contents(of: path)
      spoil(&bytes, encrypted: encrypted, corrupt: corrupt)
      try writeFile(named: Array(path.utf8), bytes)
    }
    arguments = [path] + arguments + (layout == .speakerFolders ? ["--below", "."] : [])
    bad = bad.map { ("\(path): \($0.path)", $0.reason) }
  }

  /// Marks one entry of a zip archive as encrypted, in its local and in its central header, changes the data of another
  /// and the name of a third (APPNOTE.TXT 4.3.7 and 4.3.12: the flags stand 24 and 38 bytes before the name).
  private func spoil(_ bytes: inout [UInt8], encrypted: String, corrupt: String) {
    func places(_ name: String) -> [Int] {
      let name = Array(name.utf8)
      return bytes.indices.dropLast(name.count).filter {
        bytes[$0] == name[0] && bytes[$0..<$0 + name.count].elementsEqual(name)
      }
    }
    let (local, central) = (places(encrypted).first!, places(encrypted).last!)
    bytes[local - 24] |= 1
    bytes[central - 38] |= 1
    for place in places("/~.flac") { bytes[place + 1] = 0xe9 }
    bytes[places(corrupt).first! + corrupt.utf8.count + 1_000] ^= 1
  }
}

/// A file whose name need not be UTF-8.
private func writeFile(named name: [UInt8], _ bytes: [UInt8]) throws {
  let path = String(decoding: name, as: UTF8.self)
  let descriptor = (name + [0]).withUnsafeBytes {
    open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY | O_TRUNC, 0o666)
  }
  guard descriptor >= 0 else { throw Failure.system("create", path: path) }
  try File(descriptor: descriptor, path: path).write(bytes)
}
