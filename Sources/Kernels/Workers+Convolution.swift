import Glibc

extension Workers {
  /// The sums of a convolution of maps by `weights` [depth, output channels], some outputs at a time; each worker makes
  /// some of the outputs.
  ///
  /// - Parameters:
  ///   - indirect: The same convolution, its weights set, where it reads taps where they stand.
  ///   - sums: Where those of all outputs go; nil where `finish` takes them.
  ///   - accumulate: They are added to what stands there.
  ///   - finish: Is given which outputs, numbered through all maps, have just been made, and their sums as dense rows.
  public func convolve<E: Operand>(
    _ taps: Taps, maps: Int, _ input: UnsafePointer<E>, _ weights: RightFactor<E>, _ indirect: IndirectConvolution?,
    into sums: UnsafeMutablePointer<E.Sum>? = nil, accumulate: Bool = false,
    finish: (_ worker: Int, _ outputs: Range<Int>, _ sums: UnsafeMutablePointer<E.Sum>) -> Void
  ) {
    let parts = parts(of: maps * taps.outputs, multipleOf: 16)
    let (atOnce, width) = (taps.outputsAtOnce, weights.columns)
    forEach(parts.count) { worker in
      for first in stride(from: parts[worker].lowerBound, to: parts[worker].upperBound, by: atOnce) {
        let block = first..<min(first + atOnce, parts[worker].upperBound)
        let result =
          sums.map { $0 + first * width } ?? scratch[worker].memory(.sums, E.Sum.self, count: atOnce * width)
        if let indirect {
          indirect.forward(bound(input), block, accumulate: accumulate, into: boundMutable(result))
        } else {
          E.multiply(
            rows: block.count, taps.matrix(input, block, scratch[worker]), weights, accumulate: accumulate,
            Matrix(result, stride: width), scratch[worker])
        }
        finish(worker, block, result)
      }
    }
  }

  /// The way back: adds the gradient of the weights, and hands on that of the input, some maps at a time.
  ///
  /// Each worker has some of the maps and its own sum of the weights' gradient; these are added up in the workers' order.
  ///
  /// - Parameters:
  ///   - gradient: That of the outputs, dense rows of `width` output channels.
  ///   - transposed: The weights, transposed; nil where nobody wants the gradient of the input.
  ///   - finish: Is given positions of the input, numbered through all maps, and their gradient as dense rows.
  public func convolveBack<E: Operand>(
    _ taps: Taps, maps: Int, _ input: UnsafePointer<E>, gradient: UnsafePointer<E>, width: Int,
    addingTo weightGradient: UnsafeMutablePointer<E.Sum>, transposed: RightFactor<E>?, _ indirect: IndirectConvolution?,
    finish: (_ worker: Int, _ positions: Range<Int>, _ gradient: UnsafeMutablePointer<E.Sum>) -> Void
  ) {
    let parts = parts(of: maps)
    let size = taps.depth * width
    let mapsAtOnce = max(1, taps.outputsAtOnce / taps.outputs)
    forEach(parts.count) { worker in
      let scratch = scratch[worker]
      var own = weightGradient
      if parts.count > 1 {
        own = scratch.memory(.weights, count: size)
        memset(own, 0, size * MemoryLayout<E.Sum>.stride)
      }
      for first in stride(from: parts[worker].lowerBound, to: parts[worker].upperBound, by: mapsAtOnce) {
        let block = first..<min(first + mapsAtOnce, parts[worker].upperBound)
        let positions = block.lowerBound * taps.inputs..<block.upperBound * taps.inputs
        let result = scratch.memory(.sums, E.Sum.self, count: mapsAtOnce * taps.inputs * taps.channels)
        let isWhole = taps.isPlain || indirect?.goesBack == true
        if transposed != nil, !isWhole {
          memset(result, 0, positions.count * taps.channels * MemoryLayout<E.Sum>.stride)
        }
        let ends = block.lowerBound * taps.outputs..<block.upperBound * taps.outputs
        for output in stride(from: ends.lowerBound, to: ends.upperBound, by: taps.outputsAtOnce) {
          let outputs = output..<min(output + taps.outputsAtOnce, ends.upperBound)
          let dy = Matrix(UnsafeMutablePointer(mutating: gradient + output * width), stride: width)
          if let indirect {
            indirect.addWeightGradient(
              bound(input), outputs, gradient: bound(gradient + output * width), to: boundMutable(own))
          } else {
            E.addTransposedProduct(
              taps.depth, width, outputs.count, taps.matrix(input, outputs, scratch), dy, Matrix(own, stride: width),
              scratch)
          }
          guard let transposed, indirect?.goesBack != true else { continue }
          let from = output - ends.lowerBound
          taps.multiply(from..<from + outputs.count, dy, transposed, addingTo: result, scratch)
        }
        guard transposed != nil else { continue }
        if let indirect, indirect.goesBack { indirect.backward(bound(gradient), positions, into: boundMutable(result)) }
        finish(worker, positions, result)
      }
    }
    guard parts.count > 1 else { return }
    split(size, multipleOf: 1024) { range in
      for worker in parts.indices {
        let own = scratch[worker].memory(.weights, E.Sum.self, count: size)
        add(own + range.lowerBound, to: weightGradient + range.lowerBound, count: range.count)
      }
    }
  }
}

/// The pointer as one to what it is: where a convolution is indirect, numbers are Floats.
private func bound<T>(_ pointer: UnsafePointer<T>) -> UnsafePointer<Float> {
  UnsafeRawPointer(pointer).assumingMemoryBound(to: Float.self)
}

private func boundMutable<T>(_ pointer: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
}

extension Taps {
  /// The taps of some outputs as a matrix: gathered, unless the maps are it already.
  fileprivate func matrix<E: Operand>(_ maps: UnsafePointer<E>, _ range: Range<Int>, _ scratch: Scratch) -> Matrix<E> {
    guard !isPlain else {
      return Matrix(UnsafeMutablePointer(mutating: maps + range.lowerBound * channels), stride: channels)
    }
    let rows = scratch.memory(.taps, E.self, count: outputsAtOnce * depth)
    gather(maps, range, into: rows)
    return Matrix(rows, stride: depth)
  }

  /// The gradients of the taps of some outputs, added where they were gathered; where maps are the matrix, set.
  fileprivate func multiply<E: Operand>(
    _ range: Range<Int>, _ gradient: Matrix<E>, _ transposed: RightFactor<E>,
    addingTo maps: UnsafeMutablePointer<E.Sum>, _ scratch: Scratch
  ) {
    guard !isPlain else {
      return E.multiply(
        rows: range.count, gradient, transposed, accumulate: false,
        Matrix(maps + range.lowerBound * channels, stride: channels), scratch)
    }
    let rows = scratch.memory(.tapGradients, E.Sum.self, count: outputsAtOnce * depth)
    E.multiply(rows: range.count, gradient, transposed, accumulate: false, Matrix(rows, stride: depth), scratch)
    scatter(rows, range, addingTo: maps)
  }
}
