public import OrderedJSON

/// How often each class of a plane of labels occurs: in cells, and in segments, which are the runs of a class within an
/// utterance.
public struct ClassCounts: Sendable, Equatable {
  /// By class; the last count is that of cells without label.
  public private(set) var cells: [Int]
  /// By class; the last is 0.
  public private(set) var segments: [Int]

  /// - Parameter none: what stands for no label, more than any class.
  public init(none: Int) {
    cells = [Int](repeating: 0, count: none + 1)
    segments = cells
  }

  public var labelledCells: Int { cells.dropLast().reduce(0, +) }
  public var unlabelledCells: Int { cells.last! }

  /// Counts the cells of one utterance, those of all its records one after the other.
  ///
  /// - Returns: whether one of them has a label.
  @discardableResult
  mutating func add<Label: UnsignedInteger>(_ utterance: UnsafeBufferPointer<Label>) -> Bool {
    let none = cells.count - 1
    var isLabelled = false
    var last = none
    for label in utterance {
      let label = Int(label)
      cells[label] += 1
      guard label != last else { continue }
      last = label
      guard label != none else { continue }
      segments[label] += 1
      isLabelled = true
    }
    return isLabelled
  }

  /// Counts what was counted before.
  public mutating func add(_ label: Int, cells: Int, segments: Int) {
    self.cells[label] += cells
    self.segments[label] += segments
  }

  public static func += (a: inout ClassCounts, b: ClassCounts) {
    for label in b.cells.indices { a.add(label, cells: b.cells[label], segments: b.segments[label]) }
  }

  /// The histogram that the card has of a plane: an array by class for each thing counted.
  public func histogram(classes: Int) -> JSONObject {
    [
      "cells": .array(cells[..<classes].map { .int($0) }), "segments": .array(segments[..<classes].map { .int($0) }),
    ]
  }
}
