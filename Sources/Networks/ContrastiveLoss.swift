public import Kernels

/// A contrastive loss in whatever precision its products have.
public protocol ContrastiveLoss<Scalar>: AnyObject {
  associatedtype Scalar: KernelScalar

  /// Loss and accuracies of a batch: see ``InfoNCE/evaluate(latents:contexts:batch:gradients:_:)``.
  func evaluate(
    latents: Matrix<Scalar>, contexts: (_ window: Int) -> UnsafePointer<Scalar>, batch: Int, gradients: Bool,
    _ workers: Workers
  ) -> ContrastiveMetrics
}
