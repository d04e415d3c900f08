/// How much a file holds, as its header or a manifest says.
public enum Extent: Sendable, Equatable {
  /// Samples, and how many there are a second.
  case audio(samples: Int, rate: Int)
  /// Pixels, as the picture is shown.
  case image(width: Int, height: Int)
  case text(sentences: Int)

  /// In the unit in which pieces are cut out of the file.
  public var count: Int {
    switch self {
    case .audio(let samples, _): samples
    case .image: 1
    case .text(let sentences): sentences
    }
  }

  /// For messages.
  public var description: String {
    switch self {
    case .audio(let samples, let rate): "\(samples) sample\(samples == 1 ? "" : "s") at \(rate) Hz"
    case .image(let width, let height): "\(width) × \(height) pixels"
    case .text(let sentences): "\(sentences) sentence\(sentences == 1 ? "" : "s")"
    }
  }

  /// The kind of records that files like this become: `audio`, `image` or `text`.
  public var kind: String {
    switch self {
    case .audio: "audio"
    case .image: "image"
    case .text: "text"
    }
  }

  /// What ``count`` counts, for messages.
  public var unit: String {
    switch self {
    case .audio: "samples"
    case .image: "images"
    case .text: "sentences"
    }
  }
}
