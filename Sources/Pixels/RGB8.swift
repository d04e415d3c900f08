/// A colour of 8 bits a channel.
public struct RGB8: Sendable, Hashable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

  public static let white = RGB8(255, 255, 255)
  public static let black = RGB8(0, 0, 0)
}
