import FileIO

/// Whether a name is that of a text.
package func isTextName(_ name: String) -> Bool {
  let name = textName(name)
  return [".txt", ".text", ".md", ".markdown", ".jsonl", ".ndjson"].contains { name.ends(with: $0) }
}

/// A name in small letters, without what says that the file is compressed.
package func textName(_ name: String) -> String {
  let name = name.asciiLowercased
  for ending in [".gz", ".zst", ".bz2", ".xz"] where name.ends(with: ending) {
    return String(name.dropping(last: ending.utf8.count))
  }
  return name
}
