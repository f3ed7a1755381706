// What qconv2d_tiled computes, on matrix units that multiply 8 × 32 codes by 32 × 16.
// use: bytes requantize coded windows depth weight_bytes implicit_codes matrix_codes qconv2d_dense qconv2d_matrix
const matrix_rows = 8u;
const matrix_columns = 16u;
const matrix_depth = 32u;
