// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFedHub, Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {State, Stage, Member} from "./HubState.sol";
import {Ledger} from "./Ledger.sol";
import {Updates} from "./Updates.sol";
import {Terms} from "./Tasks.sol";
import {Verifying} from "./Verifying.sol";
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
        Terms memory terms = _termsLoader()(id);
        _requireDue(id, terms.task, Mode.Eager);
        // the task was opened when its version was usable, and versions never change
        if (router.stopped(terms.task.verifier, terms.facts.setup)) revert VerifierStopped();
        bytes memory statement = _training(id, terms, msg.sender, start, datasetId, dataset);
        (bytes memory update, bytes32 proof) =
            Verifying.training(terms.facts.verifier, terms.task.keyId, statement, proofFile, terms.facts.nW);
        _take(id, terms.task, update, proof, leaving, true);
    }

    function submitClaim(bytes32 id, bytes calldata update, bytes32 proof, bool leaving) external nonReentrant {
        Terms memory terms = _termsLoader()(id);
        _requireDue(id, terms.task, Mode.Bonded);
        _requireUsable(terms.task);
        _requirePoints(update, terms.facts.nW);
        // what cannot be added would keep the round from closing
        _checkPoints(update);
        State storage s = _states[id];
        _claims[_claimKey(id, s.round, s.submitted)] = _claimHash(msg.sender, update, proof);
        _take(id, terms.task, update, proof, leaving, false);
    }

    /// An update of the sender is due.
    function _requireDue(bytes32 id, Task memory t, Mode mode) private view {
        if (t.mode != mode) revert WrongMode();
        State storage s = _states[id];
        _requirePhase(s, Phase.Submitting);
        (uint32 round, Stage stage) = (s.round, s.stage);
        Member storage m = _members[id][msg.sender];
        (uint32 submitted, uint32 entered_) = (m.submitted, m.entered);
        unchecked {
            if (submitted == round + 1) revert AlreadySubmitted(round);
            if (entered_ != round + 1) revert NotInRound(round, msg.sender);
        }
        if (stage == Stage.Complete) return;
        if (!t.beacon.isPresent(address(this), id, round, msg.sender)) revert NotPresent(round, msg.sender);
    }

    /// Rounds and their updates are far fewer than their numbers could hold (Sponsors.sol).
    function _take(bytes32 id, Task memory t, bytes memory update, bytes32 proof, bool leaving, bool verified) private {
        unchecked {
            State storage s = _states[id];
            (uint32 round, uint16 index) = (s.round, s.submitted);
            s.roll = keccak256(abi.encodePacked(index == 0 ? bytes32(0) : s.roll, msg.sender, update));
            s.submitted = index + 1;
            _enter(id, s, round, t.rounds, leaving);
            emit Submitted(id, round, msg.sender, index, update, proof, verified);
        }
    }

    /// The member has done its part of the round, and is in the next one if there is one.
    function _enter(bytes32 id, State storage s, uint32 round, uint32 rounds, bool leaving) private {
        unchecked {
            Member storage m = _members[id][msg.sender];
            _accept(id, m, round);
            leaving = leaving || m.left || m.short;
            bool last = round + 1 >= rounds;
            (m.submitted, m.entered) = (round + 1, last || leaving ? round + 1 : round + 2);
            if (last || !leaving) return;
            ++s.leaving;
            emit Left(id, msg.sender);
        }
    }
}
