import FileIO
public import OrderedJSON

/// A phone and when it is spoken: half-open, in seconds from the start of the utterance.
public struct PhoneInterval: Sendable, Equatable {
  public let label: String
  public let begin: Double
  public let end: Double
  /// The numbers as they were spelled, so that passing through changes nothing.
  private let spelling: [String]?
  /// It was said to begin before the utterance, by no more than a cell, as rounding makes it; it begins with it.
  let isClamped: Bool

  public init(label: String, begin: Double, end: Double) {
    self.label = label
    self.begin = begin
    self.end = end
    spelling = nil
    isClamped = false
  }

  /// From decimal numbers, whose spelling is kept; nil unless 0 <= begin <= end, but for what rounding may do.
  public init?(label: String, begin: String, end: String) {
    guard let begin = Self.spelling(begin), let end = Self.spelling(end) else { return nil }
    self.init(label: label, numbers: [begin, end])
  }

  /// `["SIL",0.0,0.21]`; nil if it is not that.
  public init?(_ json: JSON) {
    guard let parts = json.arrayValue, parts.count == 3, let label = parts[0].stringValue,
      case .number(let begin) = parts[1], case .number(let end) = parts[2]
    else { return nil }
    self.init(label: label, numbers: [begin, end])
  }

  /// `[["HELLO",0.21,0.55],…]`, as words have it; nil if it is not that.
  public static func list(_ json: JSON?) -> [PhoneInterval]? {
    guard let items = json?.arrayValue?.map({ PhoneInterval($0) }) else { return nil }
    let intervals = items.compactMap { $0 }
    return intervals.count == items.count ? intervals : nil
  }

  /// - Parameter numbers: begin and end as JSON spells them.
  private init?(label: String, numbers: [String]) {
    guard let begin = Double(numbers[0]), let end = Double(numbers[1]), begin.isFinite, end.isFinite, begin <= end,
      begin >= -IntervalSequence.cell - IntervalSequence.rounding
    else { return nil }
    isClamped = begin < 0
    self.label = label
    self.begin = max(0, begin)
    self.end = max(0, end)
    spelling = [begin < 0 ? "0" : numbers[0], end < 0 ? "0" : numbers[1]]
  }

  /// As spelled in the file that it was read from, else the shortest decimal.
  public var beginText: String { spelling?[0] ?? JSON.real(begin).compact }
  public var endText: String { spelling?[1] ?? JSON.real(end).compact }

  public var json: JSON { .array([.string(label), .number(beginText), .number(endText)]) }

  /// The number as JSON spells it, which wants a digit on both sides of the point; nil if it is none.
  private static func spelling(_ text: String) -> String? {
    let text = (text.begins(with: ".") ? "0" : "") + text + (text.ends(with: ".") ? "0" : "")
    guard case .number(let spelling)? = try? JSON(parsing: text) else { return nil }
    return spelling
  }

  public static func == (a: PhoneInterval, b: PhoneInterval) -> Bool {
    isSame(a.label, b.label) && a.begin == b.begin && a.end == b.end
  }
}
