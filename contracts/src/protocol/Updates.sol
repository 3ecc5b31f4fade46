// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Curve} from "../verifier/Curve.sol";
import {HubState, State, Member} from "./HubState.sol";
import {Terms} from "./Tasks.sol";
import {Statements} from "./Statements.sol";
import "./HubErrors.sol";

/// What an update is held against.
abstract contract Updates is HubState {
    /// The statement about an update of the current round. start, datasetId, dataset are held against what the chain knows.
    function _training(
        bytes32 id,
        Terms memory terms,
        address member,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset
    ) internal view returns (bytes memory statement) {
        State storage s = _states[id];
        bytes memory end = Statements.scheduled(terms.facts, s.seed);
        statement = Statements.subject(terms.facts, id, member, s.round);
        Statements.extend(statement, start, datasetId, dataset, end);
        // hashed where they lie in the statement
        bytes32 got = _hash(statement, Statements.SUBJECT, start.length);
        if (got != s.start) revert WrongPoints(s.start, got);
        got = _hash(statement, Statements.SUBJECT + start.length, 32 + dataset.length);
        bytes32 expected = _datasetOf(_members[id][member], s.round);
        if (got != expected) revert WrongDataset(expected, got);
    }

    function _hash(bytes memory data, uint256 from, uint256 length) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(add(data, 32), from), length)
        }
    }

    /// What the member registered for a round.
    function _datasetOf(Member storage m, uint32 round) internal view returns (bytes32) {
        return m.nextFrom != 0 && round + 1 >= m.nextFrom ? m.nextDataset : m.dataset;
    }

    function _claimHash(address member, bytes calldata update, bytes32 proof) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(member, keccak256(update), proof));
    }

    /// V8, V9.
    function _checkPoints(bytes calldata points) internal pure {
        uint256 pos;
        assembly ("memory-safe") {
            pos := points.offset
        }
        Curve.check(pos, points.length / 64, pos);
    }
}
