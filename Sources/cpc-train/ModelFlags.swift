import ArgumentParser
import FileIO
import Models
import OrderedJSON
import RunOptions

/// The flags of the models of all kinds, of which those of the records at hand count.
struct ModelFlags: ParsableArguments {
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model of audio") var audio: AudioModelOptions
  @OptionGroup(title: "Model of images") var image: ImageModelOptions
  @OptionGroup(title: "Model of texts") var text: TextModelOptions

  /// The model, whose other settings are those of `specification`.
  func apply(to specification: any ModelSpecification) throws -> any ModelSpecification {
    let settings = specification.json
    for (name, isGiven) in given where isGiven && settings[name] == nil {
      throw Failure(
        .usage, "\(setting: name) is no setting of a model of the kind \(type(of: specification).kind)")
    }
    return switch specification {
    case let audio as AudioSpecification: try apply(to: audio)
    case let images as ImageSpecification: try apply(to: images)
    case let texts as TextSpecification: try apply(to: texts)
    default: specification
    }
  }

  /// Whether settings are given that not all models have.
  private var given: [(name: String, isGiven: Bool)] {
    [
      ("channels", model.channels != nil), ("input", audio.input != nil), ("patch", image.patch != nil),
      ("patch_stride", image.patchStride != nil), ("crop_size", image.cropSize != nil),
      ("colour", image.colour != nil), ("depth", image.depth != nil), ("width", image.width != nil),
      ("context_network", image.contextNetwork != nil), ("context_depth", image.contextDepth != nil),
      ("row_skip", image.rowSkip != nil), ("embedding", text.embedding != nil), ("kernel", text.kernel != nil),
    ]
  }

  private func apply(to audio: AudioSpecification) throws -> AudioSpecification {
    var audio = audio
    if let channels = model.channels { audio.shape.channels = channels }
    if let context = model.context { audio.shape.context = context }
    if let steps = model.stepsAhead { audio.shape.stepsAhead = steps }
    if let normalisation = model.normalisation {
      audio.shape.normalisation = try choice("normalisation", normalisation)
    }
    audio.shape.score = try model.scale(audio.shape.score)
    if let input = self.audio.input { audio.input = try choice("input", input) }
    return audio
  }

  private func apply(to images: ImageSpecification) throws -> ImageSpecification {
    var images = images
    if let patch = image.patch { images.shape.setPatch(patch) }
    if let stride = image.patchStride {
      images.shape.stride = stride
      images.shape.crop = images.shape.patch + 6 * stride
    }
    if let crop = image.cropSize { images.shape.crop = crop }
    if let colour = image.colour { images.shape.colour = try choice("colour", colour) }
    if let depth = image.depth { images.shape.depth = depth }
    if let width = image.width { images.shape.width = width }
    if let network = image.contextNetwork { images.shape.contextNetwork = try choice("context_network", network) }
    if let depth = image.contextDepth { images.shape.contextDepth = depth }
    if let skip = image.rowSkip { images.shape.rowSkip = skip }
    if let context = model.context { images.shape.context = context }
    if let steps = model.stepsAhead { images.shape.stepsAhead = steps }
    if let normalisation = model.normalisation {
      images.shape.normalisation = try choice("normalisation", normalisation)
    }
    images.shape.score = try model.scale(images.shape.score)
    return images
  }

  private func apply(to texts: TextSpecification) throws -> TextSpecification {
    var texts = texts
    if let embedding = text.embedding { texts.embedding = embedding }
    if let kernel = text.kernel { texts.kernel = kernel }
    if let channels = model.channels { texts.channels = channels }
    if let context = model.context { texts.context = context }
    if let steps = model.stepsAhead { texts.stepsAhead = steps }
    if let normalisation = model.normalisation { texts.normalisation = try choice("normalisation", normalisation) }
    texts.score = try model.scale(texts.score)
    return texts
  }
}
