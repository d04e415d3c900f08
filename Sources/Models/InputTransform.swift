public import Kernels
public import OrderedJSON

/// From the payload of a window to the numbers that the encoder sees: what differs between kinds of data in the making
/// of batches. One thread makes a batch; several may use one transform.
public protocol InputTransform: Sendable {
  /// What a checkpoint says of it: enough to make the same again.
  var metadata: [(key: String, value: String)] { get }
  /// What `config.json` says of it, beside the run's settings.
  var facts: JSONObject { get }
  /// Writes all numbers of a window's input, as many as `output` takes.
  ///
  /// - Parameters:
  ///   - payload: the planes that the transform knows by their names, each as long as the window makes it.
  ///   - random: the window's own numbers, the same whenever it is taken in the same epoch; nil for a window that is
  ///     held out, where nothing is left to chance.
  func apply(_ payload: Payload, _ random: RandomStream?, to output: UnsafeMutableBufferPointer<Float>)
  /// Why a payload cannot be one of the records that the model is for, where that can be seen; nil where it cannot.
  /// ``apply(_:_:to:)`` makes numbers of it that do no harm, but mean nothing.
  func problem(in payload: Payload) -> String?
}

extension InputTransform {
  public func problem(in payload: Payload) -> String? { nil }
}

/// Windows whose payloads can be looked at in any order, also from several threads.
public protocol PayloadSource: AnyObject, Sendable {
  var windowCount: Int { get }
  /// Gives `body` the payload of window `i`.
  func withPayload(_ i: Int, epoch: Int, _ body: (Payload) -> Void)
}

/// The payload of a window: the bytes of its planes, by name, lent for the time of a call.
public struct Payload {
  public typealias Plane = (name: String, bytes: UnsafeRawBufferPointer)

  private let planes: [Plane]

  public init(_ planes: [Plane]) { self.planes = planes }

  /// A window of one plane.
  public init<Element: BitwiseCopyable>(_ name: String, _ elements: UnsafeBufferPointer<Element>) {
    planes = [(name, UnsafeRawBufferPointer(elements))]
  }

  /// The elements of the plane `name`, which must be there and aligned to them.
  public func elements<Element: BitwiseCopyable>(_ name: String, as type: Element.Type) -> UnsafeBufferPointer<Element>
  {
    guard let plane = planes.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      preconditionFailure("no plane \(name)")
    }
    precondition(Int(bitPattern: plane.bytes.baseAddress) % MemoryLayout<Element>.alignment == 0)
    return UnsafeBufferPointer(
      start: plane.bytes.baseAddress?.assumingMemoryBound(to: type),
      count: plane.bytes.count / MemoryLayout<Element>.stride)
  }
}
