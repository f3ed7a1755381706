// What qconv2d_tiled computes, with weights of four bits. w: [out/8][kernel_y][kernel_x][in/4][4 out] words of four
// input channels, where output channels 0 to 3 of eight have the low halves of bytes, 4 to 7 the high ones.
// use: bytes requantize coded windows weight_nibbles dot_products qconv2d_dense qconv2d_direct qconv2d_tiled
