// What qconv2d_tiled computes, by products of floats, with weights of four bits: qconv2d_tiled_nibbles has them so. One thread = 4 pixels × 8 output channels.
// use: bytes requantize windows weight_nibbles qconv2d_direct qconv2d_widened
