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
