// swift-tools-version: 6.2
import PackageDescription

// Arrows only point down: a target may depend on what stands below it in this file's `libraries`, never on what
// stands above. Executables parse arguments, call a library and map errors; libraries never print or exit.

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let realModule: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + ["CommandSupport", "FileIO", argumentParser], swiftSettings: settings,
    linkerSettings: [
      // With the runtime inside, a tool starts sooner: its symbols need no lookup. The two libraries are those that the
      // static FoundationEssentials needs and only its own module would name. Other linkers than lld warn of mktemp in
      // it, which nothing calls.
      .unsafeFlags(
        ["-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-use-ld=lld"],
        .when(platforms: [.linux], configuration: .release))
    ])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], more: [SwiftSetting] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings + more)
}

func system(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let tools: [Target] = [
  tool("cpc-scan", ["ReadingOptions", "Corpora", "Manifests", "Text"]),
  tool("cpc-split", ["Corpora", "Manifests", "Shards"]),
  tool(
    "cpc-align",
    [
      "ReadingOptions", "Alignment", "Planes", "Sharding", "Shards", "Corpora", "Manifests", "Labels", "Kernels",
      "OrderedJSON",
    ]),
  tool(
    "cpc-shard",
    [
      "ReadingOptions", "Makers", "Planes", "Sharding", "Shards", "Alignment", "Labels", "Corpora",
      "Manifests",
      "Audio",
      "Pixels", "Text", "Safetensors", "OrderedJSON",
    ]),
  tool(
    "cpc-inspect",
    [
      "RunOptions", "Training", "Models", "Sampling", "Shards", "Archives", "Pixels", "Kernels", "Safetensors",
      "OrderedJSON", "Digests",
    ]),
  tool("cpc-cat", ["Contents", "Shards", "Labels", "Audio", "OrderedJSON"]),
  tool(
    "cpc-embed",
    [
      "FeatureOptions", "ReadingOptions", "Evaluation", "FeatureFiles", "Embedding", "SentenceModels", "Transfer",
      "Text",
      "Training", "Makers", "Sharding",
      "Shards", "Corpora",
      "Manifests", "Audio",
      "Kernels", "OrderedJSON",
    ]),
  tool(
    "cpc-probe",
    [
      "FeatureOptions", "ReadingOptions", "SentenceModels", "Transfer", "Text", "Evaluation", "Probes", "ABX", "TSNE",
      "Sampling", "FeatureFiles", "Embedding", "Makers", "Sharding", "Manifests", "Shards", "Models", "Kernels",
      "Contents", "Pixels", "Digests", "OrderedJSON",
    ]),
  tool("cpc-train", ["RunOptions", "Training", "Models", "Networks", "Sampling", "Shards", "Kernels", "OrderedJSON"]),
  tool("cpc-report", ["Reports"]),
]

let libraries: [Target] = [
  library("ReadingOptions", ["Corpora", "Manifests", "Text", "FileIO", argumentParser]),
  library(
    "FeatureOptions",
    [
      "CommandSupport", "SentenceModels", "WordVectors", "Embedding", "Training", "Models", "Shards", "OrderedJSON",
      "FileIO", argumentParser,
    ]),
  library("RunOptions", ["CommandSupport", "Training", "Models", "Sampling", "Shards", "FileIO", argumentParser]),
  library("CommandSupport", ["Labels", "FileIO", argumentParser]),
  library(
    "Evaluation",
    [
      "Probes", "ABX", "FeatureFiles", "Training", "Models", "Networks", "Sampling", "Manifests", "Shards", "Kernels",
      "Safetensors", "OrderedJSON", "FileIO",
    ]),
  library(
    "Embedding",
    [
      "Training", "Models", "Networks", "Sampling", "Sharding", "Shards", "Features", "Kernels", "Safetensors",
      "OrderedJSON",
      "FileIO",
    ]),
  library(
    "SentenceModels",
    [
      "Training", "Models", "Networks", "Transfer", "WordVectors", "Text", "Shards", "Kernels", "OrderedJSON", "FileIO",
    ]),
  library(
    "Training",
    ["Models", "Networks", "Sampling", "Shards", "Kernels", "Safetensors", "OrderedJSON", "FileIO", realModule]),
  library("Transfer", ["Probes", "Text", "Archives", "Kernels", "OrderedJSON", "FileIO"]),
  library("Probes", ["Kernels", "OrderedJSON", "FileIO", realModule]),
  library("WordVectors", ["Archives", "Kernels", "FileIO"]),
  library("Models", ["Networks", "Sampling", "Kernels", "OrderedJSON", "FileIO"]),
  library("Networks", ["Sampling", "Kernels", realModule]),
  library("Sampling", ["Kernels"]),
  library("ABX", ["Kernels", "OrderedJSON", "FileIO"]),
  library("TSNE", ["Kernels", "FileIO", realModule]),
  library(
    "Alignment",
    [
      "Corpora", "Manifests", "Labels", "Audio", "Archives", "Features", "Pipelines", "Kernels", "Safetensors",
      "OrderedJSON",
      "FileIO", "CFlite", realModule,
    ]),
  library(
    "Makers",
    [
      "Text", "Sharding", "Planes", "Shards", "Corpora", "Manifests", "Labels", "Audio", "Images", "Pixels", "Archives",
      "Pipelines", "Safetensors", "OrderedJSON", "FileIO",
    ]),
  library(
    "Sharding",
    ["Planes", "Shards", "Corpora", "Manifests", "Labels", "Archives", "Pipelines", "Digests", "OrderedJSON", "FileIO"]),
  library("Reports", ["Plots", "OrderedJSON", "FileIO"]),
  library("Plots", ["FileIO"]),
  library("FeatureFiles", ["Safetensors", "FileIO"]),
  library("Contents", ["Shards", "Audio", "Pixels", "Text", "OrderedJSON", "FileIO"]),
  library("Planes", ["Shards", "Labels", "OrderedJSON", "FileIO"]),
  library("Shards", ["Archives", "Safetensors", "OrderedJSON", "FileIO"]),
  library(
    "Corpora",
    [
      "Members", "Layouts", "Manifests", "Labels", "Audio", "Images", "Text", "Pipelines", "Archives", "Digests",
      "OrderedJSON", "FileIO",
    ]),
  library("Members", ["Audio", "Archives", "FileIO"]),
  library("Layouts", ["Audio", "Images", "Text", "Archives", "OrderedJSON", "FileIO"]),
  library("Manifests", ["Labels", "Audio", "OrderedJSON", "FileIO"]),
  library("Labels", ["Archives", "OrderedJSON", "FileIO"]),
  library("Audio", ["Archives", "FileIO", "CMD5Lanes", "CFLAC", "CMpg123", "CSndFile", "CSoxr"]),
  library("Text", ["OrderedJSON", "FileIO", "CICU"]),
  library("Images", ["Pixels", "FileIO", "CJPEG", "CPNG", "CWebP"]),
  library("Pixels", ["FileIO", "CPNG", "CImageKernels"]),
  library("Archives", ["FileIO", "CArchive", "CZlib"]),
  library("Features", ["Kernels", realModule]),
  library("Pipelines"),
  library("Kernels", ["OrderedJSON", "FileIO", "COpenBLAS", "CDNNL", "CVectorKernels", realModule]),
  library("Safetensors", ["OrderedJSON", "FileIO"]),
  library("OrderedJSON"),
  library("Digests", ["FileIO", "COpenSSL"]),
  library("FileIO", ["CXXHash", "CAffinity", "CMapGuard"]),
  .target(name: "CAffinity", cSettings: [.treatAllWarnings(as: .error)]),
  .target(name: "CVectorKernels", cSettings: [.treatAllWarnings(as: .error)]),
  .target(name: "CMapGuard", cSettings: [.treatAllWarnings(as: .error)]),
  .target(name: "CMD5Lanes", cSettings: [.treatAllWarnings(as: .error)]),
  .target(name: "CDNNL", cSettings: [.treatAllWarnings(as: .error)]),
  .target(name: "CImageKernels", cSettings: [.treatAllWarnings(as: .error)]),
  .target(
    name: "CJPEG", cSettings: [.treatAllWarnings(as: .error)], linkerSettings: [.linkedLibrary("jpeg")]),
  .target(
    name: "CPNG", cSettings: [.treatAllWarnings(as: .error)], linkerSettings: [.linkedLibrary("png16")]),
]

let systemLibraries: [Target] = [
  // No pkgConfig, which would link it.
  system("COpenBLAS", apt: "libopenblas-dev"),
  system("CFLAC", pkgConfig: "flac", apt: "libflac-dev"),
  system("CMpg123", pkgConfig: "libmpg123", apt: "libmpg123-dev"),
  system("CSndFile", pkgConfig: "sndfile", apt: "libsndfile1-dev"),
  system("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev"),
  system("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
  system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
  system("CFlite", apt: "flite1-dev"),
  system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
  system("CICU", pkgConfig: "icu-i18n", apt: "libicu-dev"),
  system("CWebP", pkgConfig: "libwebp", apt: "libwebp-dev"),
  system("CXXHash", pkgConfig: "libxxhash", apt: "libxxhash-dev"),
]

let testTargets: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["FileIO", "CSndFile", "CArchive"], path: "Tests/TestSupport",
    swiftSettings: settings),
  tests("FoundationsTests", ["FileIO", "OrderedJSON", "Safetensors", "TestSupport"]),
  tests("CommandSupportTests", ["CommandSupport", "FileIO"]),
  tests("ShardsTests", ["Shards", "Safetensors", "OrderedJSON", "FileIO", "TestSupport"]),
  tests("LabelsTests", ["Labels", "Archives", "OrderedJSON", "FileIO", "TestSupport"]),
  tests("PipelinesTests", ["Pipelines"]),
  tests("ReportsTests", ["Reports", "OrderedJSON", "FileIO", "TestSupport"]),
  tests("PlotsTests", ["Plots", "FileIO", "TestSupport"]),
  tests("FeatureFilesTests", ["FeatureFiles", "Safetensors", "FileIO", "TestSupport"]),
  .target(
    name: "CImageFixtures", dependencies: ["CWebP"], path: "Tests/CImageFixtures",
    cSettings: [.treatAllWarnings(as: .error)],
    linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png16")]),
  tests("ImagesTests", ["Images", "Pixels", "CImageFixtures", "FileIO", "TestSupport"]),
  tests("TextTests", ["Text", "CICU", "OrderedJSON", "FileIO", "TestSupport"]),
  .target(
    name: "ToyModels", dependencies: ["Models", "Networks", "Sampling", "Kernels", "OrderedJSON"],
    path: "Tests/ToyModels", swiftSettings: settings),
  tests("AudioTests", ["Audio", "FileIO", "TestSupport"]),
  tests(
    "CorporaTests",
    [
      "Corpora", "Members", "Layouts", "Manifests", "Labels", "Audio", "Archives", "OrderedJSON", "FileIO",
      "TestSupport",
    ]),
  tests("KernelsTests", ["Kernels", "COpenBLAS", "FileIO"]),
  tests("SamplingTests", ["Sampling", "Kernels"]),
  tests("ABXTests", ["ABX", "Kernels", "OrderedJSON", "FileIO", "TestSupport", realModule]),
  tests("ProbesTests", ["Probes", "Kernels", "OrderedJSON", "FileIO", "TestSupport", realModule]),
  tests("TransferTests", ["Transfer", "Text", "Kernels", "OrderedJSON", "FileIO", "TestSupport"]),
  tests("TSNETests", ["TSNE", "Kernels", "FileIO", "TestSupport", realModule]),
  tests("WordVectorsTests", ["WordVectors", "Kernels", "FileIO", "TestSupport"]),
  tests("NetworksTests", ["Models", "Networks", "Sampling", "Kernels", "CVectorKernels", realModule]),
  tests(
    "TrainingTests",
    [
      "Training", "Models", "Networks", "Sampling", "Shards", "Kernels", "Safetensors", "OrderedJSON", "FileIO",
      "TestSupport", "ToyModels", realModule,
    ]),
  tests(
    "AlignmentTests",
    [
      "Alignment", "Features", "Kernels", "Labels", "Corpora", "Manifests", "Archives", "OrderedJSON", "FileIO",
      "TestSupport",
      realModule,
    ]),
  .testTarget(
    name: "GoldenTests", dependencies: ["FileIO", "OrderedJSON", "TestSupport"], exclude: ["digests.txt"],
    swiftSettings: settings),
  tests(
    "CommandTests",
    [
      "FileIO", "Images", "Pixels", "OrderedJSON", "Shards", "Makers", "Sharding", "Corpora", "Layouts", "Manifests",
      "Audio", "Planes", "Labels", "Archives", "Safetensors", "Training", "Models", "Networks", "Sampling", "Kernels",
      "ToyModels", "Evaluation", "Probes", "TestSupport",
    ],
    // Most of it waits for the tools, and optimising it would take as long as building them.
    more: [.unsafeFlags(["-Onone"])]),
  .testTarget(
    name: "FuzzTests", dependencies: ["FuzzTargets", "FeatureFiles", "Pixels", "TestSupport", "FileIO"],
    exclude: ["Corpus"],
    swiftSettings: settings),
  .target(
    name: "FuzzTargets",
    dependencies: [
      "FeatureFiles", "WordVectors", "Text", "Images", "Pixels", "Labels", "Corpora", "Layouts", "Manifests", "Audio",
      "Archives", "Shards", "Safetensors", "OrderedJSON", "FileIO", "TestSupport",
    ],
    path: "Tests/FuzzTargets", swiftSettings: settings),
]

// Built with libFuzzer's own main by Tools/fuzz, and with nothing else.
let fuzzers: [Target] = [
  .executableTarget(
    name: "cpc-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz",
    swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])])
]

let package = Package(
  name: "cpc-tools",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
  ],
  targets: tools + libraries + systemLibraries + testTargets
    + (Context.environment["CPC_FUZZ"] == nil ? [] : fuzzers),
  swiftLanguageModes: [.v6]
)
