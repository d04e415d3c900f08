import CMD5Lanes

/// MD5 (RFC 1321) of several byte strings at once, one in each lane of a vector.
///
/// FLAC carries the MD5 of its samples, and checking it takes a third of libFLAC's decoding time, because each step of
/// MD5 waits for the one before. Eight strings side by side take little longer than one.
public enum MD5 {
  private static let lanes = Int(CMD5_LANES)
  private static let blockBytes = 64

  /// The digests, in the order of `messages`.
  public static func digests(of messages: [UnsafeRawBufferPointer]) -> [SIMD16<UInt8>] {
    var digests = [SIMD16<UInt8>](repeating: .zero, count: messages.count)
    // Longest first keeps all lanes busy until near the end.
    var waiting = messages.indices.sorted { (messages[$1].count, $0) < (messages[$0].count, $1) }[...]
    withUnsafeTemporaryAllocation(byteCount: (2 * lanes + 1) * blockBytes, alignment: 64) { scratch in
      scratch.initializeMemory(as: UInt8.self, repeating: 0)
      let idle = UnsafeRawPointer(scratch.baseAddress! + 2 * lanes * blockBytes)
      var inputs = (0..<lanes).map { lane in
        let tail = scratch[2 * lane * blockBytes..<2 * (lane + 1) * blockBytes]
        return Lane(tail: UnsafeMutableRawBufferPointer(rebasing: tail), idle: idle)
      }
      var state = cmd5_state()
      while true {
        for lane in inputs.indices {
          while inputs[lane].blocks == 0 {
            if let message = inputs[lane].message {
              if inputs[lane].enterTail() { break }
              digests[message] = state.digest(lane)
            }
            inputs[lane].message = waiting.popFirst()
            guard let next = inputs[lane].message else { break }
            inputs[lane].begin(messages[next])
            state.reset(lane)
          }
        }
        guard let count = inputs.lazy.filter({ $0.message != nil }).map(\.blocks).min() else { break }
        state.add(inputs, blocks: count)
        for lane in inputs.indices where inputs[lane].message != nil { inputs[lane].advance(count) }
      }
    }
    return digests
  }

  /// What one lane reads: a message's whole blocks, then its padded end; the idle block while there is nothing to do.
  fileprivate struct Lane {
    var message: Int?
    private(set) var pointer: UnsafeRawPointer
    /// Blocks left in the stretch that is being read.
    private(set) var blocks = 0
    private var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isInTail = false
    private let tail: UnsafeMutableRawBufferPointer
    private let idle: UnsafeRawPointer

    init(tail: UnsafeMutableRawBufferPointer, idle: UnsafeRawPointer) {
      self.tail = tail
      self.idle = idle
      pointer = idle
    }

    var stride: Int { message == nil ? 0 : blockBytes }

    mutating func begin(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = bytes
      isInTail = false
      blocks = bytes.count / blockBytes
      pointer = bytes.baseAddress ?? idle
    }

    /// Pads the rest of the message: a 1 bit, zeros, and its length in bits. False if that has been read already.
    mutating func enterTail() -> Bool {
      if isInTail {
        pointer = idle
        return false
      }
      isInTail = true
      let rest = bytes.count % blockBytes
      blocks = rest + 9 <= blockBytes ? 1 : 2
      tail.initializeMemory(as: UInt8.self, repeating: 0)
      tail.copyBytes(from: bytes[(bytes.count - rest)...])
      tail[rest] = 0x80
      let bits = UInt64(bytes.count) &* 8
      tail.storeBytes(of: bits.littleEndian, toByteOffset: blocks * blockBytes - 8, as: UInt64.self)
      pointer = UnsafeRawPointer(tail.baseAddress!)
      return true
    }

    mutating func advance(_ count: Int) {
      blocks -= count
      pointer += count * blockBytes
    }
  }
}

extension cmd5_state {
  private mutating func withWords<Result>(_ body: (UnsafeMutableBufferPointer<UInt32>) -> Result) -> Result {
    withUnsafeMutableBytes(of: &word) { body($0.bindMemory(to: UInt32.self)) }
  }

  fileprivate mutating func reset(_ lane: Int) {
    withWords { words in
      for (i, value) in [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476].enumerated() {
        words[i * Int(CMD5_LANES) + lane] = UInt32(value)
      }
    }
  }

  fileprivate mutating func digest(_ lane: Int) -> SIMD16<UInt8> {
    withWords { words in
      var digest = SIMD4<UInt32>()
      for i in 0..<4 { digest[i] = words[i * Int(CMD5_LANES) + lane].littleEndian }
      return unsafeBitCast(digest, to: SIMD16<UInt8>.self)
    }
  }

  fileprivate mutating func add(_ inputs: [MD5.Lane], blocks: Int) {
    let data: [UnsafePointer<UInt8>?] = inputs.map { $0.pointer.assumingMemoryBound(to: UInt8.self) }
    cmd5_add(&self, data, inputs.map(\.stride), blocks)
  }
}
