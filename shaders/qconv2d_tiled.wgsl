// Codes of x ⊛ w, packed four to a word: requantize(bias + Σ x·w). One thread = 4 pixels × 8 output channels.
// w: [out/8][kernel_y][kernel_x][in/4][8 out] words of four input channels; bias holds −zero(x)·Σw too.
// use: bytes requantize coded windows weight_bytes dot_products qconv2d_dense qconv2d_direct qconv2d_tiled
