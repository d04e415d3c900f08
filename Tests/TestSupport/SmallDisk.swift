/// A small file system of a test's own needs a mount namespace, which not every machine allows.
public enum SmallDisk {
  public static let mayMount =
    (try? runProcess("/bin/bash", ["-c", "unshare -rm mount -t tmpfs -o size=1m none /mnt"]).status) == 0
}
