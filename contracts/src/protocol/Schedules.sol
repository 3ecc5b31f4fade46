// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The order in which a round reads the blocks of a dataset, the same for all members (docs/protocol.md, section 1, Schedule).
library Schedules {
    /// blocks: a power of two. pi: one byte an entry.
    function derive(bytes32 seed, uint256 blocks) internal pure returns (bytes memory pi, uint256 beta) {
        uint256 nb = 0;
        while (1 << nb < blocks) {
            unchecked {
                ++nb;
            }
        }
        pi = new bytes(nb);
        assembly ("memory-safe") {
            let entries := add(pi, 32)
            for { let i := 0 } lt(i, nb) { i := add(i, 1) } { mstore8(add(entries, i), i) }
            for { let i := nb } gt(i, 1) { i := sub(i, 1) } {
                // the last of the first i changes places with one of them
                mstore(0, seed)
                mstore(32, sub(i, 1))
                let j := mod(keccak256(0, 64), i)
                let last := byte(0, mload(add(entries, sub(i, 1))))
                mstore8(add(entries, sub(i, 1)), byte(0, mload(add(entries, j))))
                mstore8(add(entries, j), last)
            }
        }
        beta = uint256(seed) % blocks;
    }
}
