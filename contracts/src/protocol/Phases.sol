// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFedHub, Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {State, Stage} from "./HubState.sol";
import {Rounds} from "./Rounds.sol";
import {Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// The machine: phases end by count or by time, and rounds that cannot go on end the task.
abstract contract Phases is IFedHub, Rounds {
    /// A phase that somebody else can keep (a beacon that fails, demands that nobody settles) and that still stands so long after its
    /// deadline ends the task.
    uint256 public constant GRACE = 7 days;

    function advance(bytes32 id) external nonReentrant {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        _requireRunning(s);
        Task memory t = terms.task;
        // nobody could have done what is due
        if (!router.usable(t.verifier, t.keyId)) return _cancel(id, s, t, "verifier stopped");
        bool late = block.timestamp >= s.deadline;
        // every answer that was demanded has been due by then
        bool overdue = block.timestamp >= uint256(s.deadline) + t.answerWindow + GRACE;
        if (overdue && s.phase != Phase.Submitting) return _cancel(id, s, t, "overdue");

        if (s.phase == Phase.Joining) {
            if (!late && _entering(s) < t.maxMembers) revert TooEarly(s.deadline);
            _begin(id, s, t, 0);
        } else if (s.phase == Phase.Revealing) {
            _seed(id, s, t, late);
        } else if (s.phase == Phase.Submitting) {
            if (!late && s.submitted < s.present) revert TooEarly(s.deadline);
            s.stage = Stage.Submitted;
            if (s.submitted < t.minAccepted) _cancel(id, s, t, "updates");
            else if (t.mode == Mode.Bonded) _setPhase(id, s, Phase.Challenging, t.challengeWindow);
            else _setPhase(id, s, Phase.Closing, t.closeWindow);
        } else if (s.phase == Phase.Challenging) {
            if (!late) revert TooEarly(s.deadline);
            if (s.demands > 0) revert DemandsOpen(s.demands);
            s.stage = Stage.Accepted;
            if (s.submitted - s.removed < t.minAccepted) _cancel(id, s, t, "updates");
            else _setPhase(id, s, Phase.Closing, t.closeWindow);
        } else {
            if (!late) revert TooEarly(s.deadline);
            _cancel(id, s, t, "not closed");
        }
    }

    function _seed(bytes32 id, State storage s, Task memory t, bool late) private {
        uint32 round = s.round;
        (bool ready, bytes32 value, uint32 present) = t.beacon.seed(address(this), id, round);
        if (!ready) {
            if (!late) revert TooEarly(s.deadline);
            return _cancel(id, s, t, "no randomness");
        }
        bytes32 seed = keccak256(abi.encode(id, round, s.start, value));
        (s.seed, s.present, s.stage) = (seed, present, present == s.entered ? Stage.Complete : Stage.Seeded);
        emit RoundSeeded(id, round, seed, present);
        if (present < t.minAccepted) _cancel(id, s, t, "nonces");
        else _setPhase(id, s, Phase.Submitting, t.submitWindow);
    }
}
