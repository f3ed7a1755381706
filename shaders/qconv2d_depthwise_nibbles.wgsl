// What qconv2d_depthwise computes, with weights of four bits. One thread = 4 output columns × 4 channels.
// w: words as there, the even ones in the low halves of bytes, the odd ones in the high halves.
// use: lines bytes requantize coded weight_word_nibbles qconv2d_depthwise
