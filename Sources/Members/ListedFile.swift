package import Archives
package import FileIO
import Glibc

/// Audio that is a file of its own.
package func audioFile(_ path: String) throws -> EncodedFile {
  var status = stat()
  guard stat(path, &status) == 0 else { throw asBadInput(Failure.system("open", path: path)) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(.badInput, path: path, "not a regular file") }
  return EncodedFile(name: path, storage: .file(path: path, size: Int(status.st_size)))
}

/// An error of a file that a line of a table names, told with that line.
package func placed(_ error: any Error, in table: String, line: Int) -> Failure {
  var failure = asBadInput(error)
  if let path = failure.path {
    guard !isSame(path, table) else { return failure }
    failure.reason = [path, failure.position, failure.reason].compactMap { $0 }.joined(separator: ": ")
  }
  (failure.path, failure.position) = (table, "line \(line)")
  return failure
}
