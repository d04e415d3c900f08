import Kernels
import RealModule

/// Turns the scores of a frame into the gradient of its loss, which is −log p of its class; returns the loss.
func differentiateSoftmax(_ row: UnsafeMutablePointer<Float>, _ classes: Int, target: Int) -> Double {
  let (largest, own) = (Float.maximum(row, classes), row[target])
  // The others are summed without the class itself, so that a frame that is all but certain has all its digits.
  row[target] = largest - 100
  let others = Float.exponentiate(row, classes, subtracting: largest)
  let total = others + Float.exp(own - largest)
  scale(row, count: classes, by: 1 / total)
  row[target] = -others / total
  return own == largest ? Double.log(onePlus: Double(others)) : Double.log(Double(total)) + Double(largest - own)
}
