// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, R} from "./Scalar.sol";

/// Entries of arrays without the compiler's bounds checks. Every index in this verifier is a position that the layout fixes, a
/// counter below the array's length, or an entry of a permutation that was checked.
library Vectors {
    function get(Scalar[] memory list, uint256 i) internal pure returns (Scalar value) {
        assembly ("memory-safe") {
            value := mload(add(add(list, 32), shl(5, i)))
        }
    }

    function set(Scalar[] memory list, uint256 i, Scalar value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 32), shl(5, i)), value)
        }
    }

    /// list[i] += value
    function add(Scalar[] memory list, uint256 i, Scalar value) internal pure {
        assembly ("memory-safe") {
            let entry := add(add(list, 32), shl(5, i))
            mstore(entry, addmod(mload(entry), value, R))
        }
    }

    /// sum_{k<n} list[i + k] other[j + k]
    function dot(Scalar[] memory list, uint256 i, Scalar[] memory other, uint256 j, uint256 n) internal pure returns (Scalar sum) {
        assembly ("memory-safe") {
            let a := add(list, shl(5, i))
            let b := add(other, shl(5, j))
            for { let k := shl(5, n) } k { k := sub(k, 32) } {
                sum := addmod(sum, mulmod(mload(add(a, k)), mload(add(b, k)), R), R)
            }
        }
    }

    /// list[i + k stride] = factor source[j + k] for k < n
    function setProducts(
        Scalar[] memory list,
        uint256 i,
        uint256 stride,
        Scalar factor,
        Scalar[] memory source,
        uint256 j,
        uint256 n
    ) internal pure {
        assembly ("memory-safe") {
            let a := add(list, shl(5, add(i, 1)))
            let b := add(source, shl(5, add(j, 1)))
            for { let k := 0 } lt(k, n) { k := add(k, 1) } {
                mstore(add(a, shl(5, mul(k, stride))), mulmod(factor, mload(add(b, shl(5, k))), R))
            }
        }
    }

    /// list[i + k] = source[j + k] for k < n
    function copy(Scalar[] memory list, uint256 i, Scalar[] memory source, uint256 j, uint256 n) internal pure {
        assembly ("memory-safe") {
            mcopy(add(list, shl(5, add(i, 1))), add(source, shl(5, add(j, 1))), shl(5, n))
        }
    }

    /// list[i], .., list[i + n - 1] = the n bits of a value, most significant first
    function setBits(Scalar[] memory list, uint256 i, uint256 value, uint256 n) internal pure {
        assembly ("memory-safe") {
            let start := add(list, shl(5, i))
            for { let k := shl(5, n) } k { k := sub(k, 32) } {
                mstore(add(start, k), and(value, 1))
                value := shr(1, value)
            }
        }
    }

    function get(uint256[] memory list, uint256 i) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(list, 32), shl(5, i)))
        }
    }

    function set(uint256[] memory list, uint256 i, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 32), shl(5, i)), value)
        }
    }

    /// list[i] += value
    function add(uint256[] memory list, uint256 i, uint256 value) internal pure {
        assembly ("memory-safe") {
            let entry := add(add(list, 32), shl(5, i))
            mstore(entry, add(mload(entry), value))
        }
    }
}
