// needs: matrix_rows matrix_columns matrix_depth x_tile x_line w_tile w_line result
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// The device's matrix units on signed bytes four to a word: results of matrix_rows × matrix_columns sums, made from
// matrix_depth products each. Right matrices are stored column by column; strides are in words. A team is a subgroup.
alias Left = subgroup_matrix_left<i8, matrix_depth, matrix_rows>;
alias Right = subgroup_matrix_right<i8, matrix_columns, matrix_depth>;
alias Sums = subgroup_matrix_result<i32, matrix_columns, matrix_rows>;
fn left_at(at: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&x_tile, at, x_line); }

fn right_at(at: u32) -> Right { return subgroupMatrixLoad<Right, col_major>(&w_tile, at, w_line); }

fn multiply_add(left: Left, right: Right, sums: Sums) -> Sums {
  return subgroupMatrixMultiplyAccumulate(left, right, sums);
}

fn put(sums: Sums, at: u32) { subgroupMatrixStore<row_major>(&result, at, sums, matrix_columns); }
