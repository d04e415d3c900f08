/// The colours of charts, as CSS variables: ten for classes, chosen so that people who confuse red and green or blue and
/// yellow tell them apart (after Okabe & Ito 2008 and Tol 2021), brighter ones on dark ground.
public enum Palette {
  /// After so many classes the colours begin anew.
  public static let colours = 10

  private static let light = [
    "#0072b2", "#d55e00", "#009e73", "#c2569a", "#c98600", "#3d9fd8", "#4b3fa8", "#83832b", "#882255", "#6f6f6f",
  ]
  private static let dark = [
    "#58aee8", "#ff8f4d", "#35c9a0", "#ee9fd0", "#f2c14e", "#a5dcf9", "#a79bf5", "#cfcf6a", "#ea6ea2", "#b4b4b4",
  ]

  /// How line `i` is drawn: where colours begin anew, with dashes.
  static func line(_ i: Int) -> (style: String, attributes: String) {
    let dashes = ["", #"stroke-dasharray="7 5""#, #"stroke-dasharray="2 5""#]
    return ("l s\(i % colours)", dashes[i / colours % dashes.count])
  }

  private static func variables(_ colours: [String], ground: String, text: String, muted: String, grid: String)
    -> String
  {
    colours.enumerated().map { "--c\($0):\($1);" }.joined()
      + "--ground:\(ground);--ink:\(text);--muted:\(muted);--grid:\(grid)"
  }

  /// Rules for what is drawn; `root` is what carries the variables: `svg` of a single picture, `:root` of a page.
  public static func css(root: String) -> String {
    let lightRules = variables(light, ground: "#ffffff", text: "#1b1f24", muted: "#5c6670", grid: "#e3e7eb")
    let darkRules = variables(dark, ground: "#14181d", text: "#e8ecf0", muted: "#9aa6b2", grid: "#2b333c")
    return """
      \(root){\(lightRules)}
      @media(prefers-color-scheme:dark){\(root){\(darkRules)}}
      .chart{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:13px}
      .chart text{fill:var(--ink)}
      .chart .m{fill:var(--muted)}
      .chart .t{font-size:15px;font-weight:600}
      .chart .small{font-size:11px}
      .chart .grid{stroke:var(--grid);fill:none}
      .chart .axis{stroke:var(--muted);fill:none}
      .chart .ref{stroke:var(--muted);fill:none;stroke-dasharray:5 4;stroke-width:1.5}
      .chart .refdot{stroke:var(--muted);fill:var(--ground);stroke-width:1.5}
      .chart .l{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
      .chart .b{fill-opacity:.16;stroke:none}
      .chart .d{fill:none;stroke-linecap:round}
      .chart .error{stroke:var(--ink);fill:none;stroke-width:1.2}
      .chart .halo{paint-order:stroke;stroke:var(--ground);stroke-width:3.5px;stroke-linejoin:round;font-weight:600}
      .chart .heat{fill:var(--c0);stroke:none}
      \((0..<colours).map { ".chart .s\($0){stroke:var(--c\($0))}.chart .f\($0){fill:var(--c\($0))}" }.joined())
      """
  }
}
