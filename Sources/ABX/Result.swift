public import OrderedJSON

/// An item that takes part in nothing, and why.
public struct LeftOutItem: Sendable, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    case noFeatures = "no features of its file"
    case shorterThanFrame = "no frame lies in it"
    case afterEndOfFeatures = "the features end before it"
  }

  /// In the list.
  public var index: Int
  public var reason: Reason
}

/// Within or across speakers.
public struct ABXScore: Sendable, Equatable {
  /// Percent, 50 by chance; nil if there was nothing to compare.
  public var error: Double?
  public var cells: Int
  public var triples: Int
  /// Ordered pairs of phones, which the error is the mean over.
  public var phonePairs: Int

  var json: JSON {
    .object([
      "error_percent": error.map { .real($0) } ?? .null, "cells": .int(cells), "triples": .int(triples),
      "phone_pairs": .int(phonePairs),
    ])
  }
}

public struct ABXResult: Sendable {
  public var within: ABXScore
  public var across: ABXScore
  public var settings: ABXSettings
  /// Items of the list.
  public var items: Int
  /// Those that took part in a triple.
  public var used: Int
  public var leftOut: [LeftOutItem]
  /// Items that were not drawn from groups above the maximum.
  public var undrawn: Int
  /// Items without another to compare with.
  public var withoutPartner: Int { items - used - leftOut.count - undrawn }
  /// Items that are another one again.
  public var duplicates: Int
  /// Items that features end inside of.
  public var shortened: Int
  /// Frames of zeros, which have no direction.
  public var zeroFrames: Int

  /// What was computed, for people: both the distance and the frames.
  public var definition: String {
    "triphone ABX, mean angle along the DTW path, \(settings.rule.description)"
  }

  public var json: JSON {
    let reasons = LeftOutItem.Reason.allCases.map { reason in (reason, leftOut.count { $0.reason == reason }) }
    var left = JSONObject()
    for (reason, count) in reasons where count > 0 { left[reason.rawValue] = .int(count) }
    return .object([
      "definition": .string(definition), "frames": .string(settings.rule.rawValue),
      "max_size_group": settings.maximumGroupSize.map { .int($0) } ?? .null,
      "max_x_across": settings.maximumSpeakersOfX.map { .int($0) } ?? .null, "seed": .int(settings.seed),
      "within": within.json, "across": across.json, "items": .int(items), "used": .int(used),
      "left_out": .object(left), "not_drawn": .int(undrawn), "without_partner": .int(withoutPartner),
      "duplicates": .int(duplicates), "shortened": .int(shortened), "zero_frames": .int(zeroFrames),
    ])
  }
}
