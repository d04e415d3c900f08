import FileIO
import TestSupport
import Testing

@Suite struct FolderLockTests {
  @Test func oneHoldsIt() throws {
    let folder = try TemporaryFolder()
    try Folder.create(folder("d"))
    let lock = try #require(try FolderLock(folder("d")))
    #expect(try FolderLock(folder("d")) == nil)
    lock.release()
    #expect(try FolderLock(folder("d")) != nil)
    // The kernel's lock leaves nothing.
    #expect(try Folder.names(in: folder.path) == ["d"])
  }
}
