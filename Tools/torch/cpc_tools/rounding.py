"""Numbers as checkpoints spell them."""
import struct


def single(value: float) -> str:
    """The shortest text that single precision reads as the value."""
    def rounded(x: float) -> float:
        return float(struct.unpack("f", struct.pack("f", x))[0])
    return repr(next(float(text) for text in (f"{value:.{digits}g}" for digits in range(1, 10))
                     if rounded(float(text)) == rounded(value)))
