// Codes of x ⊛ w with one filter a channel, packed four to a word: requantize(bias + Σ x·w).
// One thread = 4 output columns × 4 channels. w: [kernel_y][kernel_x][channels/4] words; bias holds −zero(x)·Σw too.
// use: lines bytes requantize coded weight_word_bytes qconv2d_depthwise
