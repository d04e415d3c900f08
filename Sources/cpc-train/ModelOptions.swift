import ArgumentParser
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
      """)
  var channels: Int?
  @Option(
    help: """
      Units of the GRU, the size of c; of images the channels within masked convolutions. (default: \
      \(audio.shape.context)) of audio and images, \(texts.context) of texts
      """)
  var context: Int?
  @Option(
    help: """
      Latents, rows of patches, or sentences ahead that each context predicts, at most 127. (default: \
      \(audio.shape.stepsAhead)) of audio, \(images.shape.stepsAhead) of images, \(texts.stepsAhead) of texts
      """)
  var stepsAhead: Int?
  @Option(
    help: ArgumentHelp(
      "What stands before the rectifiers of the encoder: nothing, or each frame, place or sentence standardised over its "
        + "channels. (default: \(audio.shape.normalisation.rawValue))", valueName: "none|channel"))
  var normalisation: String?
  @Option(
    help: ArgumentHelp(
      "Score of a latent for a prediction: the sum of products, as in the paper; their mean; or the cosine.",
      valueName: "sum|mean|cosine"))
  var score = "sum"
  @Option(help: "What cosines are divided by (default: 0.1).")
  var temperature: Double?

  func scale() throws -> ScoreScale {
    guard temperature == nil || score == "cosine" else {
      throw Failure(.usage, "--temperature goes with --score cosine")
    }
    return switch score {
    case "sum": .sum
    case "mean": .mean
    case "cosine": .cosine(temperature: temperature ?? 0.1)
    default: throw Failure(.usage, "--score \(score) is not known", hint: "sum, mean, cosine")
    }
  }
}

struct AudioModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How samples are scaled: one constant gain that brings the training windows to a root mean square of 1; each "
        + "window to zero mean and unit variance; or raw, samples / 32768, with which training hardly starts. (default: "
        + "\(audio.input.rawValue))",
      valueName: "gain|window|raw"))
  var input: String?
}

struct ImageModelOptions: ParsableArguments {
  @Option(
    help: """
      Pixels of a patch's side. (default: \(images.shape.patch) of pictures of 300 pixels, of smaller ones in proportion)
      """)
  var patch: Int?
  @Option(help: "Pixels from one patch to the next (default: half of --patch).")
  var patchStride: Int?
  @Option(help: "Pixels of the side of what is cut out of a picture (default: 7 × 7 patches).")
  var cropSize: Int?
  @Option(
    help: ArgumentHelp(
      "What the encoder sees of a pixel. (default: \(images.shape.colour.rawValue))", valueName: "grey|rgb"))
  var colour: String?
  @Option(
    help: ArgumentHelp(
      "Which residual network, up to its third block. (default: \(images.shape.depth))", valueName: "18|34|50|101"))
  var depth: Int?
  @Option(
    help: "Channels of its first block; z has 4 times as many, from --depth 50 on 16. (default: \(images.shape.width))")
  var width: Int?
  @Option(
    help: ArgumentHelp(
      "masked: convolutions that see rows of patches down to their own; row-gru: a GRU down the columns. (default: "
        + "\(images.shape.contextNetwork.rawValue))", valueName: "masked|row-gru"))
  var contextNetwork: String?
  @Option(help: "Layers of masked convolutions. (default: \(images.shape.contextDepth))")
  var contextDepth: Int?
  @Option(
    help: """
      Rows after a context's own that are not predicted: with 1 the first is the second one below, which does not overlap, \
      as in the paper's figure 4. (default: \(images.shape.rowSkip))
      """)
  var rowSkip: Int?
}

struct TextModelOptions: ParsableArguments {
  @Option(help: "Numbers of a word's vector. (default: \(texts.embedding))")
  var embedding: Int?
  @Option(help: "Words that the convolution sees at once, an odd number. (default: \(texts.kernel))")
  var kernel: Int?
}
