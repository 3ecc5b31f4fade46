// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFedHub, Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {State, Member} from "./HubState.sol";
import {Ledger} from "./Ledger.sol";
import {Updates} from "./Updates.sol";
import {Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// Updates. What is kept of each is the roll, one hash for all of a round; a bonded claim has a slot of its own until tasks are forgotten.
abstract contract Submissions is IFedHub, Ledger, Updates {
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

    function _take(bytes32 id, Task memory t, bytes memory update, bool leaving) private {
        State storage s = _states[id];
        Member storage m = _members[id][msg.sender];
        uint32 round = s.round;
        s.roll = keccak256(abi.encodePacked(s.roll, msg.sender, update));
        m.submitted = round + 1;
        _accept(id, m, round);
        _goOn(id, s, m, t, round, leaving);
    }

    /// After an update of the current round.
    function _goOn(bytes32 id, State storage s, Member storage m, Task memory t, uint32 round, bool leaving) private {
        if (round + 1 >= t.rounds) return;
        if (leaving || m.left || m.short) {
            emit Left(id, msg.sender);
        } else {
            m.entered = round + 2;
            ++s.entering;
        }
    }
}
