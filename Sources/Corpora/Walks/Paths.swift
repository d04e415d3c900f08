import FileIO
import Glibc

/// Whether two names have the same bytes: Swift's strings are equal already if they look alike.
func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

/// Without slashes at its end.
func withoutTrailingSlash(_ path: String) -> String {
  var path = path
  while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
  return path
}

/// The absolute path without links; nil if nothing is there.
func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// How a manifest names `input`, an existing file or folder: relative to `root` if there is one. A path that was given
/// absolute and lies outside of `root` stays as it is.
func sourceName(_ input: String, root: String?) -> String {
  let input = withoutTrailingSlash(input)
  guard let root, input != "-", let target = realPath(input), let base = realPath(root) else { return input }
  let to = target.split(separator: "/")
  let from = base.split(separator: "/")
  let common = zip(to, from).prefix { $0 == $1 }.count
  if common < from.count, input.hasPrefix("/") { return input }
  let steps = Array(repeating: "..", count: from.count - common) + to.dropFirst(common).map(String.init)
  return steps.isEmpty ? "." : steps.joined(separator: "/")
}

/// A manifest's `source` as a path that can be opened.
func resolve(_ source: String, root: String) -> String {
  source.hasPrefix("/") || root == "." ? source : "\(withoutTrailingSlash(root))/\(source)"
}
