// What qconv2d_tiled_nibbles computes, by products of floats; weights of four bits stand as they do there. One thread =
// 4 pixels × 8 output channels.
// use: bytes requantize coded windows weight_nibbles qconv2d_dense qconv2d_direct qconv2d_widened
