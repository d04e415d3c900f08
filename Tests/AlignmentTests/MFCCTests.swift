import Alignment
import Features
import RealModule
import TestSupport
import Testing

/// Cepstra and features against a plain computation in double precision, step by step as Kaldi describes them.
@Suite struct MFCCTests {
  private func compute(_ samples: [Int16]) -> [[Float]] {
    var output = [Float](repeating: .nan, count: MFCC.frames(samples: samples.count) * MFCC.dimension)
    samples.withUnsafeBufferPointer { samples in
      output.withUnsafeMutableBufferPointer { MFCC().compute(samples, into: $0.baseAddress!) }
    }
    return stride(from: 0, to: output.count, by: MFCC.dimension).map { Array(output[$0..<$0 + MFCC.dimension]) }
  }

  /// The cepstra of the window around sample 160 t + 80.
  private func reference(_ samples: [Int16], frame t: Int) -> [Double] {
    var x = (0..<400).map { n -> Double in
      var i = 160 * t + 80 - 200 + n
      while i < 0 || i >= samples.count { i = i < 0 ? -1 - i : 2 * samples.count - 1 - i }
      return Double(samples[i])
    }
    let mean = x.reduce(0, +) / 400
    x = x.map { $0 - mean }
    for n in (1..<400).reversed() { x[n] -= 0.97 * x[n - 1] }
    x[0] -= 0.97 * x[0]
    let window = (0..<400).map { Double.pow(0.5 - 0.5 * Double.cos(2 * .pi * Double($0) / 399), 0.85) }
    x = zip(x, window).map { $0 * $1 }
    let noise = window.map { $0 * $0 }.reduce(0, +)
    let power = (0..<256).map { k -> Double in
      var (re, im) = (0.0, 0.0)
      for n in 0..<400 {
        re += x[n] * Double.cos(2 * .pi * Double(k * n % 512) / 512)
        im += x[n] * Double.sin(2 * .pi * Double(k * n % 512) / 512)
      }
      return re * re + im * im + noise
    }
    func mel(_ f: Double) -> Double { 1127 * Double.log(1 + f / 700) }
    let width = (mel(8000) - mel(20)) / 24
    let energies = (0..<23).map { b -> Double in
      let (left, centre, right) = (
        mel(20) + Double(b) * width, mel(20) + Double(b + 1) * width, mel(20) + Double(b + 2) * width
      )
      return (0..<256).reduce(0.0) { sum, k in
        let m = mel(Double(k) * 31.25)
        guard m > left, m < right else { return sum }
        return sum + power[k] * (m <= centre ? (m - left) / (centre - left) : (right - m) / (right - centre))
      }
    }
    return (0..<13).map { i in
      let sum = (0..<23).reduce(0.0) {
        $0 + Double.log(energies[$1]) * Double.cos(.pi * Double(i) * (Double($1) + 0.5) / 23)
      }
      return (i == 0 ? (1.0 / 23).squareRoot() : (2.0 / 23).squareRoot()) * (1 + 11 * Double.sin(.pi * Double(i) / 22))
        * sum
    }
  }

  @Test(arguments: [80, 161, 399, 1000, 47_123])
  func equalsThePlainComputation(count: Int) {
    let samples = SpeechCorpus.speech(count: count, seed: UInt64(count))
    let frames = compute(samples)
    #expect(frames.count == (count + 80) / 160)
    for t in Set([0, 1, frames.count / 2, frames.count - 2, frames.count - 1]).sorted() where frames.indices.contains(t)
    {
      let expected = reference(samples, frame: t)
      for i in 0..<13 { #expect(abs(Double(frames[t][i]) - expected[i]) < 2e-3, "frame \(t), cepstrum \(i)") }
    }
  }

  @Test func silenceAndFullScaleAreFinite() {
    for samples in [
      [Int16](repeating: 0, count: 4000), (0..<4000).map { $0 % 2 == 0 ? .max : .min },
      [Int16](repeating: .min, count: 700),
    ] {
      let frames = compute(samples)
      #expect(frames.joined().allSatisfy { $0.isFinite && abs($0) < 1000 })
      let expected = reference(samples, frame: 2)
      for i in 0..<13 { #expect(abs(Double(frames[2][i]) - expected[i]) < 0.02) }
    }
  }

  @Test func nothingTooShortForAFrame() {
    #expect(MFCC.frames(samples: 79) == 0)
    #expect(MFCC.frames(samples: 80) == 1)
    #expect(MFCC.frames(samples: 400) == 3)
  }

  @Test func rowsHoldDifferencesAndSquares() {
    var generator = SeededGenerator(5)
    for count in [1, 3, 20] {
      let cepstra = (0..<count * 13).map { _ in Float.random(in: -20...20, using: &generator) }
      let mean = (0..<13).map { _ in Float.random(in: -5...5, using: &generator) }
      var rows = [Float](repeating: .nan, count: count * FeatureRows.stride)
      rows.withUnsafeMutableBufferPointer {
        FeatureRows.write(0..<count, cepstra: cepstra, count: count, mean: mean, into: $0.baseAddress!)
      }
      func c(_ t: Int, _ i: Int) -> Double { Double(cepstra[min(max(t, 0), count - 1) * 13 + i]) }
      // Beyond the ends the cepstra are repeated, not the differences.
      func first(_ t: Int, _ i: Int) -> Double {
        (c(t + 1, i) - c(t - 1, i) + 2 * (c(t + 2, i) - c(t - 2, i))) / 10
      }
      func second(_ t: Int, _ i: Int) -> Double {
        (first(t + 1, i) - first(t - 1, i) + 2 * (first(t + 2, i) - first(t - 2, i))) / 10
      }
      for t in 0..<count {
        let row = rows[t * FeatureRows.stride..<(t + 1) * FeatureRows.stride].map { Double($0) }
        for i in 0..<13 {
          #expect(abs(row[i] - (c(t, i) - Double(mean[i]))) < 1e-4)
          #expect(abs(row[13 + i] - first(t, i)) < 1e-4)
          #expect(abs(row[26 + i] - second(t, i)) < 1e-4)
        }
        for i in 0..<39 { #expect(abs(row[39 + i] - row[i] * row[i]) < 1e-2) }
        #expect(row[78] == 1 && row[79] == 0)
      }
    }
  }
}
