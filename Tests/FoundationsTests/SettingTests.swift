import FileIO
import Testing

/// How libraries name settings, and how whoever shows their messages puts another name in the place.
@Suite struct SettingTests {
  @Test func aMessageCanNameAnySetting() {
    let failure = Failure(
      .usage, "\(setting: "valid_fraction") must be below 1", hint: "or \(Setting("num_negatives")) 8")
    #expect(failure.description == "‹valid_fraction› must be below 1 (or ‹num_negatives› 8)")
    let shown = Setting.replaceAll(in: failure.description) { "<\($0.name.uppercased())>" }
    #expect(shown == "<VALID_FRACTION> must be below 1 (or <NUM_NEGATIVES> 8)")
  }

  @Test(arguments: [
    "", "no setting", "‹", "›", "‹›", "‹‹", "‹a", "‹A›", "‹a b›", "‹é›", "‹a\u{301}›", "› ‹",
    "\u{1f469}\u{200d}\u{1f467}",
  ])
  func whatIsNoSettingStays(_ text: String) {
    #expect(Setting.replaceAll(in: text) { _ in "!" }.unicodeScalars.elementsEqual(text.unicodeScalars))
    #expect(Setting.replaceAll(in: "\(text)\(setting: "k")\(text)") { _ in "!" } == "\(text)!\(text)")
  }
}
