// Codes of x ⊛ w for any number of groups, packed four to a word; the plain one. One thread = one word of y.
// w: [out][kernel_y][kernel_x][group_in] bytes four to a word; bias holds −zero(x)·Σw too.
// use: lines bytes requantize coded weight_word_bytes qconv2d_grouped
