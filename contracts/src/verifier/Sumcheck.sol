// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, R} from "./Scalar.sol";
import {Transcript, Transcripts} from "./Transcript.sol";
import {Vectors} from "./Vectors.sol";

/// Folds of a sumcheck (section 3). A fold polynomial c_0 + c_1 x + .. + c_d x^d is sent as c_0, c_2, .., c_d: c_1 follows from
/// p(0) + p(1) = claim. Degrees and numbers of folds come from the layout, never from the proof.
library Sumcheck {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Transcripts for Transcript;

    /// Reads all folds, starting from the public claim. The caller must discharge the last claim (its closing relation).
    function verify(Transcript memory t, uint256 foldLabel, uint256 pointLabel, uint256[] memory degrees, Scalar claim)
        internal
        pure
        returns (Scalar last, Scalar[] memory point)
    {
        unchecked {
            uint256 n = degrees.length;
            point = new Scalar[](n);
            for (uint256 i = 0; i < n; ++i) {
                uint256 pos = t.cursor;
                uint256 length = degrees.get(i) << 5;
                t.absorb(foldLabel, i, pos, length);
                Scalar r = t.draw(pointLabel, i);
                point.set(i, r);
                bool canonical;
                (claim, canonical) = _fold(pos, length, r, claim);
                if (!canonical) t.refuse(pos);
                t.cursor = pos + length;
            }
            last = claim;
        }
    }

    /// p(r), and whether all coefficients are canonical.
    function _fold(uint256 pos, uint256 length, Scalar challenge, Scalar claim)
        private
        pure
        returns (Scalar value, bool canonical)
    {
        assembly ("memory-safe") {
            let r := R
            let sum := 0
            canonical := 1
            for { let k := sub(length, 32) } k { k := sub(k, 32) } {
                let c := calldataload(add(pos, k))
                canonical := and(canonical, lt(c, r))
                sum := addmod(sum, c, r)
                value := addmod(mulmod(value, challenge, r), c, r)
            }
            let c0 := calldataload(pos)
            canonical := and(canonical, lt(c0, r))
            // c_1 = claim - 2 c_0 - (c_2 + .. + c_d)
            let c1 := addmod(claim, sub(add(r, r), addmod(addmod(c0, c0, r), sum, r)), r)
            value := addmod(mulmod(addmod(mulmod(value, challenge, r), c1, r), challenge, r), c0, r)
        }
    }
}
