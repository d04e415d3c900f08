import FileIO
import Safetensors

/// A safetensors file with a tensor of shape [frames, dimension] or [1, frames, dimension] for each utterance, named by
/// its id, in F16, BF16, F32 or F64.
public struct SafetensorsFeatures: FeatureSource {
  public let path: String
  public let format = "safetensors file"
  /// In the order in which the tensors lie in the file.
  public private(set) var index = FeatureIndex()
  private let file: SafetensorsFile
  private let elements: [FloatElements]

  public init(_ path: String) throws {
    self.path = path
    file = try SafetensorsFile(mapping: path)
    elements = try file.header.tensors.map { tensor in
      func bad(_ reason: String) -> Failure {
        Failure(
          .badInput, path: path, at: "tensor \"\(tensor.name)\"", reason,
          hint: "features are tensors named by utterance id, [frames, dimension]")
      }
      let rank = tensor.shape.count
      guard rank == 2 || (rank == 3 && tensor.shape[0] == 1), tensor.shape[rank - 1] > 0 else {
        throw bad("its shape is \(tensor.shape)")
      }
      switch tensor.type {
      case .f16: return FloatElements(kind: .float16)
      case .bf16: return FloatElements(kind: .bfloat16)
      case .f32: return FloatElements(kind: .float32)
      case .f64: return FloatElements(kind: .float64)
      default: throw bad("elements of type \(tensor.type.rawValue); F16, BF16, F32 or F64 was expected")
      }
    }
    guard !elements.isEmpty else { throw Failure(.badInput, path: path, "no tensors") }
    for tensor in file.header.tensors {
      try index.append(Name(tensor.name), path: path, at: "tensor \"\(tensor.name)\"")
    }
  }

  public func shape(at place: Int) -> FrameShape {
    let shape = file.header.tensors[place].shape
    return FrameShape(count: shape[shape.count - 2], dimension: shape[shape.count - 1])
  }

  public func frames(at place: Int) -> Frames {
    let shape = shape(at: place)
    let values = file.withBytes(of: file.header.tensors[place]) { elements[place].values($0, shape) }
    return Frames(values: values, count: shape.count, dimension: shape.dimension)
  }
}
