/// `word` as a shell takes it: as it is where nothing in it means anything to one, else in quotes. Control characters,
/// which a terminal would obey, are written in numbers (`$'…'`, of bash, zsh and POSIX.1-2024).
public func shellWord(_ word: String) -> String {
  // zsh takes a word that begins with = for the path of a command.
  if !word.isEmpty, word.utf8.first != UInt8(ascii: "="), word.utf8.allSatisfy({ plain.contains($0) }) { return word }
  func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
  let hasControls = word.unicodeScalars.contains(where: isControl)
  var text = hasControls ? "$'" : "'"
  for scalar in word.unicodeScalars {
    if scalar == "'" {
      text += hasControls ? #"\'"# : #"'\''"#
    } else if scalar == "\\", hasControls {
      text += #"\\"#
    } else if isControl(scalar) {
      for byte in String(scalar).utf8 {
        let digits = String(byte, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    } else {
      text.unicodeScalars.append(scalar)
    }
  }
  return text + "'"
}

private let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=+@%".utf8)
