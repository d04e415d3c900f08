import FileIO
public import OrderedJSON

/// One line of a manifest: an utterance and where its audio is.
///
/// Written with its keys in the order of the properties here; absent ones are left out. Keys that this type does not
/// know follow in the order in which they were read, so that what one tool adds passes through the others.
public struct ManifestEntry: Sendable, Equatable {
  /// Unique in the corpus, for example `84-121123-0000`; without control characters.
  public var id: String
  /// An archive, a folder or an audio file; relative ones are relative to the manifest's root.
  public var source: String
  /// The path inside `source`, with `/`; nil if `source` is the audio file itself.
  public var member: String?
  /// What negatives are grouped by: the speaker.
  public var group: String
  /// A second level for splits: the chapter, the recording.
  public var session: String?
  /// Samples of the whole audio file.
  public var samples: Int
  /// Samples per second.
  public var rate: Int
  public var text: String?
  /// The part of the split that the utterance belongs to, for example `train`.
  public var split: String?
  /// Phones in the order of time.
  public var phones: [PhoneInterval]?
  /// First sample of the piece that this utterance is; nil is 0.
  public var offset: Int?
  /// Samples of the piece; nil is everything from `offset` to the end.
  public var length: Int?
  /// Members that this type does not know.
  public var extra: JSONObject

  public init(
    id: String, source: String, member: String? = nil, group: String, session: String? = nil, samples: Int, rate: Int,
    text: String? = nil, split: String? = nil, phones: [PhoneInterval]? = nil, offset: Int? = nil, length: Int? = nil,
    extra: JSONObject = JSONObject()
  ) {
    self.id = id
    self.source = source
    self.member = member
    self.group = group
    self.session = session
    self.samples = samples
    self.rate = rate
    self.text = text
    self.split = split
    self.phones = phones
    self.offset = offset
    self.length = length
    self.extra = extra
  }

  /// The samples of ``samples`` that are this utterance.
  public var range: Range<Int> {
    let first = offset ?? 0
    return first..<(length.map { first + $0 } ?? samples)
  }

  /// Samples of the utterance at ``speechRate``, once it is decoded and converted.
  public var convertedSamples: Int { AudioConversion.length(of: range.count, rate: rate) }
}

/// A phone and when it is spoken: half-open, in seconds from the start of the utterance.
public struct PhoneInterval: Sendable, Equatable {
  public let label: String
  public let begin: Double
  public let end: Double
  /// The numbers as they were spelled, so that passing through changes nothing.
  private let spelling: [String]?

  public init(label: String, begin: Double, end: Double) {
    self.label = label
    self.begin = begin
    self.end = end
    spelling = nil
  }

  /// From decimal numbers, whose spelling is kept; nil unless 0 <= begin <= end.
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

  /// - Parameter numbers: begin and end as JSON spells them.
  private init?(label: String, numbers: [String]) {
    guard let begin = Double(numbers[0]), let end = Double(numbers[1]), begin.isFinite, end.isFinite, begin >= 0,
      begin <= end
    else { return nil }
    self.label = label
    self.begin = begin
    self.end = end
    spelling = numbers
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
