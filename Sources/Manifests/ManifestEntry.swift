public import Audio
public import Labels
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
  /// What the whole file holds.
  public var extent: Extent
  /// What of several channels the utterance is; nil where nobody has chosen.
  public var channel: Channel?
  public var text: String?
  /// The part of the split that the utterance belongs to, for example `train`.
  public var split: String?
  /// Phones in the order of time.
  public var phones: [PhoneInterval]?
  /// First unit of the piece that this utterance is; nil is 0.
  public var offset: Int?
  /// Units of the piece; nil is everything from `offset` to the end.
  public var length: Int?
  /// Members that this type does not know.
  public var extra: JSONObject

  public init(
    id: String, source: String, member: String? = nil, group: String, session: String? = nil, extent: Extent,
    channel: Channel? = nil, text: String? = nil, split: String? = nil, phones: [PhoneInterval]? = nil,
    offset: Int? = nil, length: Int? = nil,
    extra: JSONObject = JSONObject()
  ) {
    self.id = id
    self.source = source
    self.member = member
    self.group = group
    self.session = session
    self.extent = extent
    self.channel = channel
    self.text = text
    self.split = split
    self.phones = phones
    self.offset = offset
    self.length = length
    self.extra = extra
  }

  /// The key of an image's class; it is carried like those that this type does not know.
  public static let classKey = "class"

  /// What images are classified as: a name, or a number as it is written; nil for other files.
  public var classLabel: String? {
    guard case .image = extent, let value = extra[Self.classKey], value != .null else { return nil }
    return value.stringValue ?? value.compact
  }

  /// The units of the file that are this utterance.
  public var range: Range<Int> {
    let first = offset ?? 0
    return first..<(length.map { first + $0 } ?? extent.count)
  }

  /// Units of the utterance as records count them: of audio samples at ``speechRate``, once it is decoded and converted.
  public var units: Int {
    switch extent {
    case .audio(_, let rate): AudioConversion.length(of: range.count, rate: rate)
    case .image, .text, .other: range.count
    }
  }
}
