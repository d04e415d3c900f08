/// How much a file holds, as its header or a manifest says.
public enum Extent: Sendable, Equatable {
  /// Samples, and how many there are a second.
  case audio(samples: Int, rate: Int)
  /// Pixels, as the picture is shown.
  case image(width: Int, height: Int)
  case text(sentences: Int)
  /// What a program that makes records of its own kind calls so many of a unit, in the plural.
  case other(kind: String, count: Int, unit: String)

  /// In the unit in which pieces are cut out of the file.
  public var count: Int {
    switch self {
    case .audio(let samples, _): samples
    case .image: 1
    case .text(let sentences): sentences
    case .other(_, let count, _): count
    }
  }

  /// For messages.
  public var description: String {
    switch self {
    case .audio(let samples, let rate): "\(samples) sample\(samples == 1 ? "" : "s") at \(rate) Hz"
    case .image(let width, let height): "\(width) × \(height) pixels"
    case .text(let sentences): "\(sentences) sentence\(sentences == 1 ? "" : "s")"
    case .other(_, let count, let unit): "\(count) \(unit)"
    }
  }

  /// The kind of records that files like this become: `audio`, `image`, `text` or another.
  public var kind: String {
    switch self {
    case .audio: "audio"
    case .image: "image"
    case .text: "text"
    case .other(let kind, _, _): kind
    }
  }

  /// What ``count`` counts, for messages.
  public var unit: String {
    switch self {
    case .audio: "samples"
    case .image: "images"
    case .text: "sentences"
    case .other(_, _, let unit): unit
    }
  }
}
