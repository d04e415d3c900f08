import FileIO
import Glibc

/// Without slashes at its end.
package func withoutTrailingSlash(_ path: String) -> String {
  var path = path[...]
  while path.utf8.count > 1, path.ends(with: "/") { path = path.dropping(last: 1) }
  return String(path)
}

/// The absolute path without links; nil if nothing is there.
package func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// How a manifest names `input`, an existing file or folder: relative to `root` if there is one. A path that was given
/// absolute and lies outside of `root` stays as it is.
package func sourceName(_ input: String, root: String?) -> String {
  let input = withoutTrailingSlash(input)
  guard let root, !isSame(input, "-"), let target = realPath(input), let base = realPath(root) else { return input }
  let to = target.pieces(at: "/", omittingEmpty: true)
  let from = base.pieces(at: "/", omittingEmpty: true)
  let common = zip(to, from).prefix { isSame($0, $1) }.count
  if common < from.count, input.begins(with: "/") { return input }
  let steps = Array(repeating: "..", count: from.count - common) + to.dropFirst(common).map(String.init)
  return steps.isEmpty ? "." : steps.joined(separator: "/")
}

/// A manifest's `source` as a path that can be opened.
package func resolve(_ source: String, root: String) -> String {
  source.begins(with: "/") || isSame(root, ".") ? source : "\(withoutTrailingSlash(root))/\(source)"
}

/// The name of an input without folders and without the endings of archives and manifests.
package func corpusName(_ input: String) -> String {
  var name = isSame(input, "-") ? "stdin" : Folder.name(of: withoutTrailingSlash(input))
  if [".", "..", "/"].contains(where: { isSame($0, name) }) { name = Folder.name(of: realPath(input) ?? input) }
  for ending in [".gz", ".zst", ".bz2", ".xz", ".lz4", ".tar", ".tgz", ".zip", ".jsonl", ".json"]
  where name.ends(with: ending) && name.utf8.count > ending.utf8.count {
    name = String(name.dropping(last: ending.utf8.count))
  }
  return name
}
