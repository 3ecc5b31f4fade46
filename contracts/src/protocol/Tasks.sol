// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Task} from "../interfaces/IFedHub.sol";
import {ITrainingVerifier} from "../interfaces/ITrainingVerifier.sol";

/// What the hub needs of a task's key, beside the task itself.
struct Facts {
    bytes32 key; // digest
    bytes32 setup; // digest
    uint256 nW; // points of [W_0]
    uint256 nD; // points of [D]
    uint256 blocks;
    uint256 trained; // records that an update processes: T B
    uint256 registered; // records of a dataset: nblocks B
    ITrainingVerifier verifier; // of training proofs: that of the task's version, which is frozen
}

/// All of it that never changes.
struct Terms {
    Task task;
    Facts facts;
}

/// No task was opened under this id.
error UnknownTask(bytes32 id);
/// The chain would not store the terms.
error NotStored();

/// Terms are kept as the code of a contract: a STOP, then their words as they lie in memory.
library Tasks {
    uint256 private constant TASK = 28 * 32;
    uint256 private constant FACTS = 8 * 32;
    /// Returns what follows it as the code of the new contract.
    uint256 private constant LOADER = 0x600B5981380380925939F3;

    /// task, facts: as `load` returns them, or as the decoder made them, one word a field.
    function store(Task memory task, Facts memory facts) internal returns (address code) {
        bytes memory init = abi.encodePacked(uint88(LOADER), uint8(0), abi.encode(task), abi.encode(facts));
        assembly ("memory-safe") {
            code := create(0, add(init, 32), mload(init))
        }
        if (code == address(0)) revert NotStored();
    }

    /// The address of Terms in fresh memory. Not allocated by the compiler, which would fill them with zeros first.
    function load(bytes32 id, address code) internal view returns (uint256 terms) {
        if (code == address(0)) revert UnknownTask(id);
        assembly ("memory-safe") {
            terms := mload(0x40)
            let task := add(terms, 64)
            mstore(terms, task)
            mstore(add(terms, 32), add(task, TASK))
            extcodecopy(code, task, 1, add(TASK, FACTS))
            mstore(0x40, add(task, add(TASK, FACTS)))
        }
    }
}
