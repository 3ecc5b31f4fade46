// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar} from "./Scalar.sol";

/// Coefficients of the committed vectors in `a = sum_row w_row(r3) P_row` (section 3, S3), in the order of the commitments, and the
/// functional l' of m: the left-hand sides of the batched relations.
struct Rows {
    Scalar[] columns; // vectors of q to s, V of each; multiplicities
    Scalar[] helpers; // vectors of helpers
    Scalar[] data; // [D]
    Scalar[] start; // [W_0]
    Scalar[] update; // [W_out]
    Scalar[] tables; // the key's
    Scalar mask; // c_1 l'(1/z) + c_2 l'(z)
}
