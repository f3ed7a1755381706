// What qconv2d_tiled computes, by products of floats. One thread = 4 pixels × 8 output channels.
// use: bytes requantize coded windows weight_bytes qconv2d_dense qconv2d_direct qconv2d_widened
