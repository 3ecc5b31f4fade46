// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {HubState, State, Stage} from "./HubState.sol";
import {Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// How rounds begin, and how tasks end that cannot go on.
abstract contract Rounds is HubState {
    /// Fixes the entered set of a round and the source of its randomness.
    function _begin(bytes32 id, State storage s, Task memory t, uint32 round) internal {
        uint32 entered_ = _entering(s);
        (s.round, s.stage, s.submitted, s.last) = (uint24(round), Stage.Begun, 0, round + 1 == t.rounds);
        (s.entered, s.entering, s.leaving) = (entered_, 0, 0);
        (s.present, s.removed) = (0, 0);
        if (entered_ < t.minAccepted) return _cancel(id, s, t, "members");
        emit RoundBegun(id, round, entered_, s.start);
        _setPhase(id, s, Phase.Revealing, t.revealWindow);
        t.beacon.begin(id, round, entered_, s.deadline);
    }

    /// Ends the task. Updates of the current round that were verified, or that nobody challenged in time, are paid.
    function _cancel(bytes32 id, State storage s, Task memory t, string memory reason) internal {
        uint256 accepted = t.mode == Mode.Eager || s.stage == Stage.Accepted ? s.submitted - s.removed : 0;
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
