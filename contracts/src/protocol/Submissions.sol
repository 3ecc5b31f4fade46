// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {State, Member} from "./HubState.sol";
import {Members} from "./Members.sol";
import {Rewards} from "./Rewards.sol";
import {Sponsors} from "./Sponsors.sol";
import {Terms} from "./Tasks.sol";
import {Statements} from "./Statements.sol";
import "./HubErrors.sol";

/// Updates. What is kept of each is the roll, one hash for all of a round; a bonded claim has a slot of its own until tasks are forgotten.
abstract contract Submissions is Members, Rewards, Sponsors {
    function submit(
        bytes32 id,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset,
        bytes calldata proofFile,
        bool leaving
    ) external nonReentrant {
        Terms memory terms = _terms(id);
        _requireDue(id, terms.task, Mode.Eager);
        bytes memory statement = _training(id, terms, msg.sender, start, datasetId, dataset);
        bytes memory update = router.verifyTraining(terms.task.verifier, terms.task.keyId, statement, proofFile);
        _take(id, terms.task, update, leaving);
        State storage s = _states[id];
        emit Submitted(id, s.round, msg.sender, s.submitted++, update, keccak256(proofFile), true);
    }

    function submitClaim(bytes32 id, bytes calldata update, bytes32 proof, bool leaving) external nonReentrant {
        Terms memory terms = _terms(id);
        _requireDue(id, terms.task, Mode.Bonded);
        _requireUsable(terms.task);
        _requirePoints(update, terms.facts.nW);
        // what cannot be added would keep the round from closing
        _checkPoints(update);
        _take(id, terms.task, update, leaving);
        State storage s = _states[id];
        _claims[_claimKey(id, s.round, s.submitted)] = _claimHash(msg.sender, update, proof);
        emit Submitted(id, s.round, msg.sender, s.submitted++, update, proof, false);
    }

    function _claimHash(address member, bytes calldata update, bytes32 proof) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(member, keccak256(update), proof));
    }

    /// An update of the sender is due.
    function _requireDue(bytes32 id, Task memory t, Mode mode) private view {
        if (t.mode != mode) revert WrongMode();
        State storage s = _states[id];
        _requirePhase(s, Phase.Submitting);
        uint32 round = s.round;
        Member storage m = _members[id][msg.sender];
        if (m.submitted == round + 1) revert AlreadySubmitted(round);
        if (m.entered != round + 1) revert NotInRound(round, msg.sender);
        if (!t.beacon.isPresent(address(this), id, round, msg.sender)) revert NotPresent(round, msg.sender);
    }

    /// The statement about an update of the current round. start, datasetId, dataset are held against what the chain knows.
    function _training(
        bytes32 id,
        Terms memory terms,
        address member,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset
    ) internal view returns (bytes memory) {
        State storage s = _states[id];
        _requireHash(start, s.start);
        bytes32 expected = _datasetOf(_members[id][member], s.round);
        bytes32 got = keccak256(abi.encodePacked(datasetId, dataset));
        if (got != expected) revert WrongDataset(expected, got);
        bytes memory subject = Statements.subject(terms.facts, id, member, s.round);
        return Statements.training(terms.facts, subject, s.seed, start, datasetId, dataset);
    }

    function _take(bytes32 id, Task memory t, bytes memory update, bool leaving) private {
        State storage s = _states[id];
        Member storage m = _members[id][msg.sender];
        uint32 round = s.round;
        s.roll = keccak256(abi.encodePacked(s.roll, msg.sender, update));
        m.submitted = round + 1;
        _accept(id, m, round);
        _goOn(id, s, m, t, round, leaving);
    }
}
