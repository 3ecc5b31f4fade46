// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PrecompileFailed} from "../verifier/Errors.sol";

/// Sums of updates: `n` points of 64 bytes each, added one by one with ecAdd. Points must be on the curve, which whoever took the update
/// has checked.
library CommitSum {
    function zero(uint256 n) internal pure returns (bytes memory) {
        return new bytes(64 * n);
    }

    /// sum += the points at calldata position `pos`, as many as sum has.
    function add(bytes memory sum, uint256 pos) internal view {
        bool ok = true;
        assembly ("memory-safe") {
            let input := mload(0x40)
            for { let k := 0 } lt(k, mload(sum)) { k := add(k, 64) } {
                let target := add(add(sum, 32), k)
                mcopy(input, target, 64)
                calldatacopy(add(input, 64), add(pos, k), 64)
                ok := and(ok, staticcall(gas(), 6, input, 128, target, 64))
            }
        }
        if (!ok) revert PrecompileFailed();
    }

    /// The roll after a submission: keccak256(roll ‖ member ‖ points). member: 20 bytes, points: `length` bytes at calldata positions.
    function next(bytes32 roll, uint256 member, uint256 points, uint256 length) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, roll)
            calldatacopy(add(buffer, 32), member, 20)
            calldatacopy(add(buffer, 52), points, length)
            hash := keccak256(buffer, add(length, 52))
        }
    }
}
