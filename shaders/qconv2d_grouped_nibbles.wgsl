// What qconv2d_grouped computes, with weights of four bits; the plain one. One thread = one word of y.
// w: words as there, the even ones in the low halves of bytes, the odd ones in the high halves.
// use: lines bytes requantize coded weight_word_nibbles qconv2d_grouped
