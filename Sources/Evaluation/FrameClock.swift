import FileIO
public import Probes
public import Shards

/// The frames of a dataset's utterances, one after the other.
public protocol UtteranceFrames: FrameMatrix {
  /// The first row of each utterance, and at last the number of rows.
  var offsets: [Int] { get }
  var clock: FrameClock { get }
}

/// When frames are: what tells which label each has.
public struct FrameClock: Sendable, Equatable {
  /// Samples from one frame to the next, at 16 kHz.
  public let hop: Int
  /// The sample at the centre of frame 0.
  public let centre: Int

  public init(hop: Int, centre: Int) {
    precondition(hop > 0)
    self.hop = hop
    self.centre = centre
  }

  /// The cell of 160 samples that holds the centre of a frame.
  public func cell(ofFrame frame: Int) -> Int { (centre + frame * hop) / AudioRecords.cell }

  /// Throws unless so many frames can be those of so many samples: an analysis may leave out or add what one window
  /// covers at the ends, no more.
  public func check(frames: Int, samples: Int, id: String, path: String) throws {
    let slack = 2 * hop + Self.longestWindow
    guard abs(frames * hop - samples) > slack else { return }
    let fitting = frames > 0 ? (Double(samples) / Double(frames)).rounded() : 0
    throw Failure(
      .badInput, path: path, at: id,
      "\(frames) frames of \(hop) samples are \(seconds(frames * hop)) s, its audio has \(seconds(samples)) s",
      hint: fitting > 0 ? "\(setting: "hop") \(Int(fitting)) would fit: are these its features?" : nil)
  }

  /// 25 ms of analysis on either side.
  private static let longestWindow = 800

  private func seconds(_ samples: Int) -> String {
    let hundredths = samples * 100 / AudioRecords.rate
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}

extension Dataset {
  /// Whether its units are those of time: samples, or frames of features.
  public var isOfSpeech: Bool { ["samples", "frames"].contains { isSame($0, schema.unit) } }
}
