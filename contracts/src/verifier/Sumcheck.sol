// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, R} from "./Scalar.sol";
import {Transcript, Transcripts} from "./Transcript.sol";

/// Folds of a sumcheck (section 3). A fold polynomial c_0 + c_1 x + .. + c_d x^d is sent as c_0, c_2, .., c_d: c_1 follows from
/// p(0) + p(1) = claim. Degrees and numbers of folds come from the layout, never from the proof.
library Sumcheck {
    using Transcripts for Transcript;

    /// Reads all folds, starting from the public claim. The caller must discharge the last claim (its closing relation).
    function verify(Transcript memory t, uint256 foldLabel, uint256 pointLabel, uint256[] memory degrees, Scalar claim)
        internal
        pure
        returns (Scalar last, Scalar[] memory point)
    {
        point = new Scalar[](degrees.length);
        uint256 start = t.cursor;
        uint256 length;
        bool canonical;
        // heads of what is hashed, before index and length
        (foldLabel, pointLabel) = (foldLabel << 240, (1 << 248) | (pointLabel << 240));
        (last, length, canonical) = _folds(t, foldLabel, pointLabel, degrees, claim, point);
        if (!canonical) t.refuse(start);
        t.cursor = start + length;
    }

    /// The last claim, bytes read, and whether all coefficients are canonical. See Transcript about what is hashed.
    function _folds(
        Transcript memory t,
        uint256 foldHead,
        uint256 pointHead,
        uint256[] memory degrees,
        Scalar claim,
        Scalar[] memory point
    ) private pure returns (Scalar last, uint256 read, bool canonical) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            last := claim
            canonical := 1
            // the transcript's state stands at 0
            mstore(0, mload(t))
            let end := shl(5, mload(degrees))
            for { let i := 0 } lt(i, end) { i := add(i, 32) } {
                let length := shl(5, mload(add(add(degrees, i), 32)))
                mstore(input, mload(0))
                mstore(add(input, 32), or(add(foldHead, shl(219, i)), shl(192, length)))
                calldatacopy(add(input, 40), add(mload(add(t, 32)), read), length)
                mstore(0, keccak256(input, add(40, length)))
                mstore(32, add(pointHead, shl(219, i)))
                let r := shr(3, keccak256(0, 36))
                mstore(add(add(point, i), 32), r)
                read := add(read, length)
                // p(r) = c_0 + r (c_1 + r (c_2 + ..)), where c_1 = claim - 2 c_0 - (c_2 + .. + c_d)
                let value := mload(add(input, add(length, 8)))
                canonical := and(canonical, lt(value, R))
                let sum := value
                for { let k := sub(length, 32) } gt(k, 32) { k := sub(k, 32) } {
                    let c := mload(add(input, add(k, 8)))
                    canonical := and(canonical, lt(c, R))
                    sum := addmod(sum, c, R)
                    value := add(mulmod(value, r, R), c)
                }
                let c0 := mload(add(input, 40))
                canonical := and(canonical, lt(c0, R))
                // sums of numbers below r stay below 2^256 up to five of them
                value := add(mulmod(value, r, R), sub(add(add(last, R), add(R, R)), add(add(c0, c0), sum)))
                last := addmod(mulmod(value, r, R), c0, R)
            }
            mstore(t, mload(0))
        }
    }
}
