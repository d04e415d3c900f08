import Kernels
import Models
import OrderedJSON
import Testing
import Training

/// A transform of two planes of other types than audio's, with something left to chance: what a batch and the windows in
/// memory must be able to do for other kinds of data.
private struct Sums: InputTransform {
  var metadata: [(key: String, value: String)] { [] }
  var facts: JSONObject { [:] }

  func apply(_ payload: Payload, _ random: RandomStream?, to output: UnsafeMutableBufferPointer<Float>) {
    let (pixels, depths) = (payload.elements("pixels", as: UInt8.self), payload.elements("depths", as: UInt16.self))
    for i in depths.indices { output[i] = Float(pixels[i]) + Float(depths[i]) }
    output[depths.count] = random.map { Float($0.integer(0, below: 1 << 20)) } ?? -1
  }
}

@Suite struct TransformTests {
  @Test func windowsMayHaveSeveralPlanes() {
    let windows = StoredWindows(capacity: 5, payload: [("pixels", 3), ("depths", 6)])
    let batch = Batch(windows: 5, inputCount: 4)
    func origin(_ i: Int) -> WindowOrigin { WindowOrigin(record: i, utterance: "\(i)", start: 0, group: 0) }
    func payload(_ i: Int, _ body: (Payload) -> Void) {
      let pixels = (0..<3).map { UInt8(100 + 10 * i + $0) }
      let depths = (0..<3).map { UInt16(1000 * i + $0) }
      pixels.withUnsafeBytes { pixels in
        depths.withUnsafeBytes { depths in body(Payload([("pixels", pixels), ("depths", depths)])) }
      }
    }
    for i in 0..<5 { payload(i) { windows.append($0, origin(i)) } }
    windows.remove(1)
    #expect(windows.windowCount == 4 && (0..<4).map { windows.origin($0).record } == [0, 4, 2, 3])
    for (place, i) in [0, 4, 2, 3].enumerated() {
      windows.withPayload(place, epoch: 0) { Sums().apply($0, nil, to: batch.input(0)) }
      #expect((0..<3).allSatisfy { batch.inputs[$0] == Float(100 + 1010 * i + 2 * $0) } && batch.inputs[3] == -1)
    }
  }
}
