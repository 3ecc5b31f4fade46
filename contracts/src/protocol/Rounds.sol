// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {HubState, State, Stage} from "./HubState.sol";
import {Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// The machine: phases end by count or by time, and rounds that cannot go on end the task.
abstract contract Rounds is HubState {
    /// A phase that somebody else can keep (a beacon that fails, demands that nobody settles) and that still stands so long after its
    /// deadline ends the task.
    uint256 public constant GRACE = 7 days;

    function advance(bytes32 id) external nonReentrant {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        _requireRunning(s);
        Task memory t = terms.task;
        bool late = block.timestamp >= s.deadline;
        if (s.phase != Phase.Submitting && block.timestamp >= s.deadline + GRACE) return _cancel(id, s, t, "overdue");

        if (s.phase == Phase.Joining) {
            if (!late && s.entering < t.maxMembers) revert TooEarly(s.deadline);
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
            if (s.submitted - s.removed < t.minAccepted) _cancel(id, s, t, "updates");
            else _setPhase(id, s, Phase.Closing, t.closeWindow);
        } else {
            if (!late) revert TooEarly(s.deadline);
            _cancel(id, s, t, "not closed");
        }
    }

    /// Fixes the entered set of a round and the source of its randomness.
    function _begin(bytes32 id, State storage s, Task memory t, uint32 round) internal {
        uint32 entered_ = s.entering;
        (s.round, s.stage, s.entered, s.entering) = (round, Stage.Begun, entered_, 0);
        (s.present, s.submitted, s.removed) = (0, 0, 0);
        (s.seed, s.roll) = (0, 0);
        if (entered_ < t.minAccepted) return _cancel(id, s, t, "members");
        emit RoundBegun(id, round, entered_, s.start);
        _setPhase(id, s, Phase.Revealing, t.revealWindow);
        t.beacon.begin(id, round, entered_, s.deadline);
    }

    function _seed(bytes32 id, State storage s, Task memory t, bool late) private {
        uint32 round = s.round;
        (bool ready, bytes32 value, uint32 present) = t.beacon.seed(address(this), id, round);
        if (!ready) {
            if (!late) revert TooEarly(s.deadline);
            return _cancel(id, s, t, "no randomness");
        }
        bytes32 seed = keccak256(abi.encode(id, round, s.start, value));
        (s.seed, s.present, s.stage) = (seed, present, Stage.Seeded);
        emit RoundSeeded(id, round, seed, present);
        if (present < t.minAccepted) _cancel(id, s, t, "nonces");
        else _setPhase(id, s, Phase.Submitting, t.submitWindow);
    }

    /// Ends the task. Updates of the current round that were verified, or that nobody challenged in time, are paid.
    function _cancel(bytes32 id, State storage s, Task memory t, string memory reason) internal {
        uint256 accepted = t.mode == Mode.Eager || s.phase == Phase.Closing ? s.submitted - s.removed : 0;
        if (accepted > 0) {
            uint256 share = t.reward / (accepted > t.minAccepted ? accepted : t.minAccepted);
            s.escrow -= uint128(share * accepted);
            _share(id, s.round, share + s.pot / accepted);
        } else {
            _share(id, s.round, 0);
        }
        s.pot = 0;
        emit TaskCancelled(id, s.round, reason);
        _setPhase(id, s, Phase.Cancelled, 0);
    }

    /// Ends the accounts of a round.
    function _share(bytes32 id, uint256 round, uint256 share) internal {
        _shares[id][round + 1] = _shares[id][round] + share;
    }
}
