// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The order in which a round reads the blocks of a dataset, the same for all members (docs/protocol.md, section 1, Schedule).
library Schedules {
    /// blocks: a power of two. pi: one byte an entry.
    function derive(bytes32 seed, uint256 blocks) internal pure returns (bytes memory pi, uint256 beta) {
        uint256 nb = 0;
        while (1 << nb < blocks) ++nb;
        pi = new bytes(nb);
        for (uint256 i = 0; i < nb; ++i) {
            pi[i] = bytes1(uint8(i));
        }
        for (uint256 i = nb; i > 1; --i) {
            uint256 j = uint256(keccak256(abi.encodePacked(seed, i - 1))) % i;
            (pi[i - 1], pi[j]) = (pi[j], pi[i - 1]);
        }
        beta = uint256(seed) % blocks;
    }
}
