import FileIO
import Plots

extension Report {
  /// The page: HTML with everything in it, the same bytes for the same inputs.
  ///
  /// - Parameter maker: what made it, for its foot.
  public func html(maker: String) throws -> String {
    let plots = plots
    func chosen(_ names: String...) -> [NamedPlot] {
      plots.filter { plot in names.contains { isSame(plot.name, $0) } }
    }
    var sections: [(id: String, title: String, html: String)] = []
    func add(_ id: String, _ title: String, _ html: String) {
      if !html.isEmpty { sections.append((id, title, html)) }
    }
    for target in targets {
      add(
        "table-\(target)", "\(Self.capitalized(target)) probes",
        probeTable(target) + (try figures(chosen("probes-\(target)"))))
    }
    let tables = groupTable("negatives", strategies) + groupTable("steps ahead", steps)
    if !tables.isEmpty {
      add(
        "table-2", "Steps and negatives",
        paragraph(Paper.tableTwo, style: "note") + tables
          + (try figures(chosen("strategies", "steps"))))
    }
    add("table-abx", "Phone discriminability (ABX)", abxTable)
    add("table-5", "What vectors of sentences tell (Table 5)", transferTable)
    add("figure-3", "Accuracy by prediction step", try figures(chosen("steps-top1", "steps-pairwise")))
    add(
      "curves", "Learning curves",
      try figures(
        chosen(
          "training-loss", "held-out-loss", "common-loss", "training-accuracy", "held-out-accuracy", "common-accuracy"))
    )
    add("points", "Features in the plane", try figures(plots.filter { $0.name.begins(with: "tsne") }))
    add("neighbours", "What lies near", neighboursSection)
    add("details", "Class by class", try classSections(plots))
    add("runs", "Runs", runTable)

    let links = sections.map { "<a href=\"#\(escaped($0.id))\">\(escaped($0.title))</a>" }.joined(separator: "\n")
    var body =
      "<header>\n<h1>\(escaped(title))</h1>\n\(paragraph(summary + ".", style: "lead"))<nav>\n\(links)\n</nav>\n</header>\n"
    for note in notes { body += paragraph(note, style: "warning") }
    for section in sections {
      body += "<section id=\"\(escaped(section.id))\">\n<h2>\(escaped(section.title))</h2>\n\(section.html)</section>\n"
    }
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(escaped(title))</title>
      <style>
      \(Palette.css(root: ":root"))
      \(Self.css)
      </style>
      </head>
      <body>
      <main>
      \(body)<footer>\(escaped(maker)). The paper: A. van den Oord, Y. Li, O. Vinyals, Representation Learning with
      Contrastive Predictive Coding, arXiv:1807.03748 (2018).</footer>
      </main>
      </body>
      </html>

      """
  }

  /// `2 runs, 3 probes`.
  public var summary: String {
    func counted(_ count: Int, _ noun: String) -> String? {
      count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return [
      counted(runs.count, "run"), counted(probes.count, "probe"), counted(abx.count, "ABX score"),
      counted(points.count, "picture"), counted(neighbours.reduce(0) { $0 + $1.samples.count }, "sample"),
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private static let css = """
    :root{color-scheme:light dark;--card:#f7f9fa}
    @media(prefers-color-scheme:dark){:root{--card:#1a1f25}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
    "DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
    main{max-width:1120px;margin:0 auto;padding:28px 20px 48px}
    h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}
    h2{font-size:1.3rem;margin:2.6rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--grid)}
    h3{font-size:1.05rem;margin:1.6rem 0 .4rem}
    a{color:var(--c0)}
    .lead,.note,figcaption span,footer,dt{color:var(--muted)}
    .lead{margin:0 0 .8rem}
    .note{font-size:.88rem;max-width:90ch;margin:.2rem 0 .8rem}
    .warning{border-left:4px solid var(--c4);padding:.3rem .8rem;background:var(--card);overflow-wrap:anywhere}
    nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.95rem}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px;margin:1rem 0;\
    align-items:start}
    figure{margin:0;display:grid;grid-template-rows:subgrid;grid-row:span 2;row-gap:0;padding:14px 14px 8px;background:var(--card);border:1px solid var(--grid);border-radius:8px;min-width:0}
    .chart{display:block;width:100%;height:auto;max-width:560px;margin:0 auto}
    figure.wide{grid-column:1/-1}
    figure.wide .chart{max-width:680px}
    figure[id^=confusion] .chart{max-width:860px;min-width:min(560px,200%)}
    figcaption{font-size:.86rem;margin-bottom:10px}
    figcaption b{display:block;font-size:.98rem}
    figure .halo{stroke:var(--card)}
    .scroll{overflow-x:auto}.scroll+.scroll{margin-top:1.4rem}
    table{border-collapse:collapse;font-size:.92rem;width:100%;font-variant-numeric:tabular-nums}
    th,td{padding:.42rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
    thead th{color:var(--muted);font-weight:500;font-size:.82rem;vertical-align:bottom;white-space:nowrap}
    tbody th{font-weight:500;min-width:11rem;overflow-wrap:anywhere}
    .n{text-align:right;white-space:nowrap}
    small{display:block;color:var(--muted);font-weight:400;font-size:.78rem;line-height:1.35}
    .paper{color:var(--muted);font-style:italic}
    .mark{display:inline-block;margin-left:.45em;padding:0 .45em;border-radius:4px;font-size:.74rem;font-weight:600;\
    color:var(--ground);background:var(--c1)}
    .near img{display:block;border-radius:4px}
    .near span{display:inline-block;margin:0 8px 8px 0;max-width:110px;vertical-align:top}
    .near p{margin:0 0 .5rem;font-weight:400}
    details{margin:.6rem 0}
    summary{cursor:pointer;color:var(--c0)}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;font-size:.86rem;margin:.5rem 0}
    dd{margin:0;overflow-wrap:anywhere}
    footer{margin-top:3rem;font-size:.84rem;border-top:1px solid var(--grid);padding-top:.8rem}
    @media(max-width:560px){main{padding:18px 14px 32px}h1{font-size:1.5rem}th,td{padding:.4rem .5rem}\
    tbody th{min-width:9rem}figure{padding:12px 8px 6px}dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}}
    @media print{nav{display:none}figure,tr{break-inside:avoid}}
    """
}
