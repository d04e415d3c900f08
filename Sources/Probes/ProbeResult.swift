/// What a probe found, with everything that is needed to judge it.
public struct ProbeResult: Sendable, Equatable {
  /// Something that the probe itself does not know, for example where features come from.
  public struct Fact: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// How much a part holds.
  public struct PartCount: Sendable, Equatable {
    /// With labels.
    public var utterances: Int
    public var frames: Int
    /// Frames that were left out because they have no label.
    public var unlabelled: Int
    /// Utterances that were left out because none of their frames has a label.
    public var utterancesWithoutLabel: Int
  }

  /// A strength of the penalty that was tried.
  public struct Candidate: Sendable, Equatable {
    public var l2: Double
    /// Accuracy on the frames of the dev part.
    public var accuracy: Double
    /// Iterations of a linear probe; epochs of a hidden layer, up to the best.
    public var iterations: Int
    /// See ``Training/isConverged``.
    public var isConverged: Bool
  }

  /// The fit to all of the training part.
  public struct Training: Sendable, Equatable {
    public var l2: Double
    /// scikit-learn's C of the same minimum; nil without a penalty and for hidden layers.
    public var inverseStrength: Double?
    /// Iterations of a linear probe, epochs of a hidden layer.
    public var iterations: Int
    /// The linear probe's objective, or the hidden layer's mean loss in its last epoch, in nats.
    public var objective: Double
    /// A linear probe met its criterion; a hidden layer had stopped getting better on the dev part.
    public var isConverged: Bool
    /// Features that do not vary in training, and have no part.
    public var constantFeatures: Int
  }

  /// A class, and what became of it.
  public struct ClassRow: Sendable, Equatable {
    public var name: String
    public var trainingFrames: Int
    public var testFrames: Int
    public var correct: Int
    /// Test frames that were taken for it.
    public var predicted: Int
    /// Nil where there is nothing to divide by.
    public var recall: Double? { testFrames > 0 ? Double(correct) / Double(testFrames) : nil }
    public var precision: Double? { predicted > 0 ? Double(correct) / Double(predicted) : nil }
  }

  /// An accuracy that stands beside the main one: of frames that are not of a class, or of always saying one class.
  public struct Beside: Sendable, Equatable {
    public var className: String
    public var accuracy: Double
    public var frames: Int
  }

  public struct Interval: Sendable, Equatable {
    public var low: Double
    public var high: Double
    public var level: Double
    public var resamples: Int
  }

  /// What is told apart, for example `phone`.
  public var target: String
  public var kind: ProbeSettings.Kind
  /// Of the hidden layer.
  public var width: Int?
  /// Of a frame.
  public var features: Int
  public var standardized: Bool
  public var seed: UInt64
  public var devFraction: Double
  /// The dev part among them.
  public var training: PartCount
  public var dev: PartCount
  public var test: PartCount
  /// Frames of utterances that belong to neither part.
  public var otherFrames: Int
  public var candidates: [Candidate]
  public var fit: Training
  /// Of test frames.
  public var accuracy: Double
  public var interval: Interval
  /// Share of test frames whose class is among the five of the largest scores (top-5); nil of ten classes or fewer, where it
  /// says little.
  public var topFiveAccuracy: Double?
  /// Of test utterances, by the largest sum of log-probabilities over their frames, of equal ones the class that is
  /// more frequent in training; nil where utterances have frames of several classes.
  public var utteranceAccuracy: Double?
  /// Of test frames of all other classes; nil where no class is left out.
  public var without: Beside?
  /// The most frequent class of the training frames, and what always saying it would reach on the test frames.
  public var majority: Beside
  public var classes: [ClassRow]
  /// Test frames of a class, rows, by what they were taken for, columns.
  public var confusion: [[Int]]
  /// Test frames of classes that no training frame has. They count as errors.
  public var unseenFrames: Int { classes.reduce(0) { $0 + ($1.trainingFrames == 0 ? $1.testFrames : 0) } }
  /// Classes that only test frames have.
  public var unseenClasses: [String] { classes.filter { $0.trainingFrames == 0 && $0.testFrames > 0 }.map(\.name) }
  /// Test frames whose scores overflow. They count as errors, and are in no column of ``confusion``.
  public var overflowedFrames: Int
  /// What the caller knows besides.
  public var facts: [Fact]
}
