import ABX
import FileIO
import Testing

@Suite struct FrameTests {
  private func frames(_ onset: String, _ offset: String, _ times: FrameTimes, _ rule: FrameRule = .mended) -> Range<Int>
  {
    var list = ItemList()
    let name = Name("")
    list.append(
      file: name, onset: Seconds(onset)!, offset: Seconds(offset)!, phone: name, previous: name, next: name,
      speaker: name)
    return rule.frames(of: list.items[0], at: times)
  }

  @Test func middlesInsideCount() {
    let times = FrameTimes(hop: Seconds("0.01")!)
    #expect(frames("0", "0.1", times) == 0..<10)
    #expect(frames("0.005", "0.005001", times) == 0..<1)
    #expect(frames("0.0051", "0.0149", times).isEmpty)
    // Binary fractions lose the last one here: 0.285 · 100 − ½ is a little below 28.
    #expect(frames("0.285", "0.285000001", times) == 28..<29)
    #expect(frames("0.1", "0.285", times) == 10..<29)
    #expect(frames("0", "0.1", times, .libriLight) == 0..<9)
    #expect(frames("0.005", "0.006", times, .libriLight).isEmpty)
    #expect(frames("0", "0.004", times).isEmpty)
  }

  @Test func centresMoveFrames() {
    // CPC's latents with its own padding: sample 160 t + 79.
    let times = FrameTimes(hop: 160, rate: 16_000, centre: 79)
    #expect(frames("0.0049375", "0.0149375", times) == 0..<2)
    #expect(frames("0.0049376", "0.0149374", times).isEmpty)
    #expect(FrameTimes(hop: 160, rate: 16_000) == FrameTimes(hop: 160, rate: 16_000, centre: 80))
    // Half a hop of an odd number of samples.
    #expect(frames("0.0000625", "0.0000626", FrameTimes(hop: 5, rate: 40_000)) == 0..<1)
    // A window that begins later: 25 ms without padding.
    let late = FrameTimes(hop: Seconds("0.01")!, centre: Seconds("0.0125")!)
    #expect(frames("0", "0.03", late) == 0..<2)
    #expect(frames("0", "0.01", late).isEmpty)
  }

  /// By the definition, for all hops and times of a few milliseconds: t_i = Δt/2 + i Δt lies in the item.
  @Test(arguments: [1, 2, 7, 10, 16, 20]) func definitionHolds(milliseconds hop: Int) {
    let times = FrameTimes(hop: Seconds(sample: hop, rate: 1000))
    for onset in 0..<45 {
      for offset in onset + 1..<60 {
        let inside = (0..<60).filter { 2 * onset <= hop + 2 * $0 * hop && hop + 2 * $0 * hop <= 2 * offset }
        let found = times.frames(
          from: Seconds(sample: onset, rate: 1000), to: Seconds(sample: offset, rate: 1000))
        #expect(Array(found) == inside)
      }
    }
  }
}
