// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {Task} from "../interfaces/IFedHub.sol";
import {HubState, State, Stage, Member} from "./HubState.sol";

/// Faults of members that entered a round and did not come, and what they cost. A member has at most one fault that was not
/// punished: it enters no other round before.
abstract contract Faults is HubState {
    /// Who acts again is punished first, without a reporter.
    function _settleFault(bytes32 id, State storage s, Member storage m, Task memory t) internal {
        (uint256 penalty, string memory fault) = _fault(id, s, m, t, msg.sender);
        if (bytes(fault).length == 0) return;
        m.punished = m.entered;
        _slash(id, msg.sender, m.entered - 1, penalty, address(0), fault);
    }

    /// What the member did wrong in the last round that it entered; empty if nothing, if that was punished, or if it is too early to tell.
    function _fault(bytes32 id, State storage s, Member storage m, Task memory t, address member)
        internal
        view
        returns (uint256 penalty, string memory fault)
    {
        uint32 last = m.entered;
        if (last == 0 || m.submitted >= last || m.punished >= last || last > s.round + 1) return (0, "");
        Stage stage = last <= s.round ? Stage.Submitted : s.stage;
        if (stage == Stage.Begun) return (0, "");
        (bool says, bool present) = _presence(id, last - 1, t.beacon, member);
        if (!says) return (0, "");
        if (!present) return (t.revealPenalty, "nonce");
        if (stage >= Stage.Submitted) return (t.absencePenalty, "update");
    }

    /// What the beacon says. One that fails accuses nobody: nobody could submit by it, and else it could keep every stake. Less gas than a
    /// beacon needs is also less than what follows needs, so that it hides nothing.
    function _presence(bytes32 id, uint32 round, IBeacon beacon, address member) private view returns (bool says, bool present) {
        bytes memory question = abi.encodeCall(IBeacon.isPresent, (address(this), id, round, member));
        assembly ("memory-safe") {
            says := staticcall(gas(), beacon, add(question, 32), mload(question), 0, 32)
            let answer := mload(0)
            says := and(says, and(gt(returndatasize(), 31), lt(answer, 2)))
            present := and(says, answer)
        }
    }

    /// Cuts a stake. The part for the honest goes to the accepted of the current round; there are none any more when the task is over.
    function _slash(bytes32 id, address member, uint32 round, uint256 amount, address reporter, string memory fault) internal {
        State storage s = _states[id];
        Member storage m = _members[id][member];
        if (amount > 0) {
            m.short = true;
            if (m.entered == _nextRound(s) + 1) {
                ++s.leaving;
                m.entered = m.submitted;
                emit Left(id, member);
            }
        }
        (uint256 taken, uint256 honest) = vault.slash(id, member, amount, reporter, !_isOver(s));
        s.pot += uint128(honest);
        emit Slashed(id, member, round, taken, reporter, fault);
    }

    /// Longer than anything that can still be held against the member takes.
    function _exitDelay(Task memory t) internal pure returns (uint64) {
        return uint64(t.joinWindow) + t.revealWindow + t.submitWindow + t.challengeWindow + t.answerWindow + t.closeWindow;
    }
}
