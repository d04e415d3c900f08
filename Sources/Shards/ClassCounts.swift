public import OrderedJSON

/// How often each class of a plane of labels occurs: in cells, and in segments, which are the runs of a class within an
/// utterance.
public struct ClassCounts: Sendable, Equatable {
  /// By class, no further than the greatest that occurs.
  public private(set) var cells: [Int] = []
  public private(set) var segments: [Int] = []
  public private(set) var unlabelledCells = 0
  /// What stands for no label, more than any class.
  public let none: Int

  public init(none: Int) { self.none = none }

  public var labelledCells: Int { cells.reduce(0, +) }

  /// Counts the cells of one utterance, those of all its records one after the other.
  ///
  /// - Returns: whether one of them has a label.
  @discardableResult
  mutating func add<Label: UnsignedInteger>(_ utterance: UnsafeBufferPointer<Label>) -> Bool {
    var isLabelled = false
    var last = none
    for label in utterance {
      let label = Int(label)
      guard label != none else {
        unlabelledCells += 1
        last = none
        continue
      }
      grow(to: label)
      cells[label] += 1
      guard label != last else { continue }
      last = label
      segments[label] += 1
      isLabelled = true
    }
    return isLabelled
  }

  private mutating func grow(to label: Int) {
    guard label >= cells.count else { return }
    let more = repeatElement(0, count: label + 1 - cells.count)
    cells += more
    segments += more
  }

  /// Counts what was counted before.
  public mutating func add(_ label: Int, cells: Int, segments: Int) {
    guard label != none else {
      unlabelledCells += cells
      return
    }
    grow(to: label)
    self.cells[label] += cells
    self.segments[label] += segments
  }

  public static func += (a: inout ClassCounts, b: ClassCounts) {
    for label in b.cells.indices { a.add(label, cells: b.cells[label], segments: b.segments[label]) }
    a.unlabelledCells += b.unlabelledCells
  }

  /// The labels that occur, ascending, ``none`` last where cells have no label.
  public var counted: [(label: Int, cells: Int, segments: Int)] {
    let labelled = cells.indices.filter { cells[$0] > 0 }.map { ($0, cells[$0], segments[$0]) }
    return unlabelledCells > 0 ? labelled + [(none, unlabelledCells, 0)] : labelled
  }

  /// The cells of each class, ``none`` included, in an array that has room for all that are fewer than 256.
  public var histogram: [Int] {
    guard none == Int(UInt8.max) else { return cells + [unlabelledCells] }
    return cells + repeatElement(0, count: none - cells.count) + [unlabelledCells]
  }

  /// The histogram that the card has of a plane: an array by class for each thing counted.
  public func histogram(classes: Int) -> JSONObject {
    func padded(_ counts: [Int]) -> JSON {
      .array((counts.prefix(classes) + repeatElement(0, count: max(0, classes - counts.count))).map { .int($0) })
    }
    return ["cells": padded(cells), "segments": padded(segments)]
  }
}
