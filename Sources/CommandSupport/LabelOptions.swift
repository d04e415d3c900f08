public import ArgumentParser
import FileIO
public import Labels

/// How alignments, of any tool, are read.
public struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The format. Default: told from the content. jsonl is \
      JSON Lines with "id" and "phones" ([["SIL",0.0,0.21],…], seconds) or "cells" (one label a cell, or null); cpc the \
      labels of the CPC authors, kaldi those of ali-to-phones --per-frame; textgrid and mfa-json have one utterance a \
      file, named by its id.
      """, valueName: "format"))
  public var labelFormat: LabelFormat?

  @Option(
    help: ArgumentHelp(
      """
      Where the labels of cpc and kaldi lie: snip-edges (the default: label i is centred at sample 160 i + 200, so cell t \
      takes label t - 1), no-snip-edges (160 i + 80), cells (the same, also for a last cell cut short), as-published \
      (counted like snip-edges, but cell t takes label t). A ctm is read by its times unless a grid is given: then they \
      count frames.
      """, valueName: "grid"))
  public var labelGrid: FrameGrid?

  @Option(help: ArgumentHelp("Kaldi's phones.txt, for labels that are its numbers.", valueName: "file"))
  public var kaldiPhones: String?

  @Option(
    help: ArgumentHelp(
      "The classes of the labels, one a line, numbered from 0. Default: the 41 of cmu41.", valueName: "file"))
  public var phoneSet: String?

  @Option(
    help: ArgumentHelp("Rename labels first: FROM TO on each line; \"\" is the blank label.", valueName: "file"))
  public var phoneMap: String?

  public init() {}

  /// The first of these options that was given.
  public var given: String? {
    [
      ("--label-format", labelFormat != nil), ("--label-grid", labelGrid != nil),
      ("--kaldi-phones", kaldiPhones != nil), ("--phone-set", phoneSet != nil), ("--phone-map", phoneMap != nil),
    ].first { $0.1 }?.0
  }

  public func phones() throws -> PhoneSet {
    guard let path = phoneSet else { return .cmu41 }
    let name = Folder.name(of: path)
    return try PhoneSet(
      name: name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name, reading: File.reading(path))
  }

  public func reading() throws -> LabelReading {
    var reading = LabelReading()
    reading.format = labelFormat
    reading.grid = labelGrid
    reading.symbols = try kaldiPhones.map { try SymbolTable(reading: File.reading($0)) }
    reading.phoneSet = try phones()
    reading.map = try phoneMap.map { try LabelMap(reading: File.reading($0)) }
    return reading
  }
}

extension LabelFormat: ExpressibleByArgument {}
extension FrameGrid: ExpressibleByArgument {}
