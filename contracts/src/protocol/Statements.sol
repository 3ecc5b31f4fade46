// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Schedules} from "./Schedules.sol";
import {Facts} from "./Tasks.sol";

/// The statements of proofs (docs/protocol.md, section 7), built from what this chain knows. `address(this)` is the hub.
library Statements {
    /// Bytes of the words that statements about a round begin with.
    uint256 internal constant SUBJECT = 7 * 32;

    function registration(Facts memory facts, bytes32 id, address submitter, bytes32 nonceCommitment, bytes calldata dataset)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodePacked(
            block.chainid,
            _word(address(this)),
            _word(submitter),
            id,
            facts.key,
            facts.setup,
            nonceCommitment,
            dataset,
            facts.registered
        );
    }

    /// What a training statement ends with. seed: the round's.
    function scheduled(Facts memory facts, bytes32 seed) internal pure returns (bytes memory) {
        (bytes memory pi, uint256 beta) = Schedules.derive(seed, facts.blocks);
        return abi.encodePacked(pi, beta, facts.trained);
    }

    /// Extends `statement`, a subject that nothing was allocated behind. start: points of the round's [W_0]. end: `scheduled`.
    function extend(
        bytes memory statement,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset,
        bytes memory end
    ) internal pure {
        assembly ("memory-safe") {
            let to := add(add(statement, 32), mload(statement))
            calldatacopy(to, start.offset, start.length)
            to := add(to, start.length)
            mstore(to, datasetId)
            calldatacopy(add(to, 32), dataset.offset, dataset.length)
            to := add(add(to, 32), dataset.length)
            mcopy(to, add(end, 32), mload(end))
            to := add(to, mload(end))
            mstore(statement, sub(to, add(statement, 32)))
            mstore(0x40, and(add(to, 31), not(31)))
        }
    }

    function close(bytes memory head, bytes memory sum, bytes calldata next, uint256 accepted)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(head, sum, next, accepted);
    }

    /// The words that statements about a round begin with.
    function subject(Facts memory facts, bytes32 id, address submitter, uint256 round) internal view returns (bytes memory) {
        return abi.encodePacked(block.chainid, _word(address(this)), _word(submitter), id, round, facts.key, facts.setup);
    }

    function _word(address account) private pure returns (uint256) {
        return uint160(account);
    }
}
