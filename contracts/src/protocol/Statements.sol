// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Facts} from "./Tasks.sol";
import {Schedules} from "./Schedules.sol";

/// The statements of proofs (docs/protocol.md, section 7), built from what this chain knows. `address(this)` is the hub.
library Statements {
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

    /// start: points of the round's [W_0]. seed: the round's.
    function training(
        Facts memory facts,
        bytes memory head,
        bytes32 seed,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset
    ) internal pure returns (bytes memory) {
        (bytes memory pi, uint256 beta) = Schedules.derive(seed, facts.blocks);
        bytes memory end = abi.encodePacked(pi, beta, facts.trained);
        return abi.encodePacked(head, start, datasetId, dataset, end);
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
