// What qconv2d_tiled_nibbles computes, through workgroup memory: an implicit matrix product. One workgroup = 64 pixels
// × 64 channels, 16 words of depth (taps × in/4) at a time; one thread = 4 pixels × 4 channels.
// use: bytes requantize coded windows depth weight_nibbles implicit_codes dot_products qconv2d_dense qconv2d_tile
