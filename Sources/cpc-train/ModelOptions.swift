import ArgumentParser
import CommandSupport
import FileIO
import Models
import Networks
import RunOptions

private let audio = AudioSpecification()
private let images = ImageSpecification()
private let texts = TextSpecification()

/// What models of several kinds have.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      Numbers of a latent z: of audio the channels of each convolution, of texts those of a sentence. (default: \
      \(audio.shape.channels)) of audio, \(texts.channels) of texts
      """, transform: readCount)
  var channels: Int?
  @Option(
    help: """
      Units of the GRU, the size of c; of images the channels within masked convolutions. (default: \
      \(audio.shape.context)) of audio and images, \(texts.context) of texts
      """, transform: readCount)
  var context: Int?
  @Option(
    help: """
      Latents, rows of patches, or sentences ahead that each context predicts, at most 127. (default: \
      \(audio.shape.stepsAhead)) of audio, \(images.shape.stepsAhead) of images, \(texts.stepsAhead) of texts
      """, transform: readCount)
  var stepsAhead: Int?
  @Option(
    help: ArgumentHelp(
      "What stands before the rectifiers of the encoder: nothing, or each frame, place or sentence standardised over its "
        + "channels. (default: \(audio.shape.normalisation.rawValue))", valueName: "none|channel"),
    completion: choices(EncoderNormalisation.self))
  var normalisation: String?
  @Option(
    help: ArgumentHelp(
      "Score of a latent for a prediction: the sum of products, as in the paper; their mean; or the cosine. "
        + "(default: \(audio.shape.score.name))", valueName: "sum|mean|cosine"),
    completion: .list(["sum", "mean", "cosine"]))
  var score: String?
  @Option(help: "What cosines are divided by (default: 0.1).")
  var temperature: Double?

  /// - Parameter scale: where no flag says otherwise.
  func scale(_ scale: ScoreScale) throws -> ScoreScale {
    let name = score ?? scale.name
    guard temperature == nil || name == "cosine" else {
      throw Failure(.usage, "--temperature goes with --score cosine")
    }
    return switch name {
    case "sum": .sum
    case "mean": .mean
    case "cosine":
      if let temperature {
        .cosine(temperature: temperature)
      } else if case .cosine = scale {
        scale
      } else {
        .cosine(temperature: 0.1)
      }
    default: throw Failure(.usage, "--score \(name) is not known", hint: "sum, mean, cosine")
    }
  }
}

struct AudioModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How samples are scaled: one constant gain that brings the training windows to a root mean square of 1; each "
        + "window to zero mean and unit variance; or raw, samples / 32768, with which training hardly starts. (default: "
        + "\(audio.input.rawValue))",
      valueName: "gain|window|raw"), completion: choices(InputScale.self))
  var input: String?
}

struct ImageModelOptions: ParsableArguments {
  @Option(
    help: """
      Pixels of a patch's side. (default: \(images.shape.patch) of pictures of 300 pixels, of smaller ones in proportion)
      """, transform: readCount)
  var patch: Int?
  @Option(help: "Pixels from one patch to the next (default: half of --patch).", transform: readCount)
  var patchStride: Int?
  @Option(help: "Pixels of the side of what is cut out of a picture (default: 7 × 7 patches).", transform: readCount)
  var cropSize: Int?
  @Option(
    help: ArgumentHelp(
      "What the encoder sees of a pixel. (default: \(images.shape.colour.rawValue))", valueName: "grey|rgb"),
    completion: choices(ImageColour.self))
  var colour: String?
  @Option(
    help: ArgumentHelp(
      "Which residual network, up to its third block. (default: \(images.shape.depth))", valueName: "18|34|50|101"),
    completion: .list(["18", "34", "50", "101"]))
  var depth: Int?
  @Option(
    help: "Channels of its first block; z has 4 times as many, from --depth 50 on 16. (default: \(images.shape.width))",
    transform: readCount)
  var width: Int?
  @Option(
    help: ArgumentHelp(
      "masked: convolutions that see rows of patches down to their own; row-gru: a GRU down the columns. (default: "
        + "\(images.shape.contextNetwork.rawValue))", valueName: "masked|row-gru"),
    completion: choices(LatticeContext.self))
  var contextNetwork: String?
  @Option(help: "Layers of masked convolutions. (default: \(images.shape.contextDepth))", transform: readCount)
  var contextDepth: Int?
  @Option(
    help: """
      Rows after a context's own that are not predicted: with 1 the first is the second one below, which does not overlap, \
      as in the paper's figure 4. (default: \(images.shape.rowSkip))
      """, transform: readCount)
  var rowSkip: Int?
}

struct TextModelOptions: ParsableArguments {
  @Option(help: "Numbers of a word's vector. (default: \(texts.embedding))", transform: readCount)
  var embedding: Int?
  @Option(
    help: "Words that the convolution sees at once, an odd number. (default: \(texts.kernel))", transform: readCount)
  var kernel: Int?
}
