// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {HubState, State, Member} from "./HubState.sol";
import {Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// Who is owed what. A member's accepted rounds that were not paid form one stretch; its shares are one difference of `_shares`. When a
/// later round does not join the stretch, the stretch is settled into `owed`.
abstract contract Rewards is HubState {
    using SafeERC20 for IERC20;

    function due(bytes32 id, address member) public view returns (uint256) {
        Member storage m = _members[id][member];
        return m.owed + _stretch(id, m, _ended(_states[id]));
    }

    function claim(bytes32 id, address member) external nonReentrant returns (uint256 amount) {
        Terms memory terms = _terms(id);
        Member storage m = _members[id][member];
        uint32 ended = _ended(_states[id]);
        amount = m.owed + _stretch(id, m, ended);
        if (amount == 0) revert NothingDue();
        m.owed = 0;
        // rounds up to `ended` are paid
        if (m.from <= ended) m.from = ended + 1;
        emit Claimed(id, member, amount);
        terms.task.token.safeTransfer(member, amount);
    }

    function refund(bytes32 id) external nonReentrant {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        if (!_isOver(s)) revert TaskRunning(s.phase);
        uint256 amount = s.escrow;
        if (amount == 0) revert NothingDue();
        s.escrow = 0;
        emit Refunded(id, terms.task.sponsor, amount);
        terms.task.token.safeTransfer(terms.task.sponsor, amount);
    }

    /// An update of the current round counts until it is removed.
    function _accept(bytes32 id, Member storage m, uint32 round) internal {
        if (m.from == 0 || m.from > m.through) {
            m.from = round + 1;
        } else if (m.through != round) {
            // a gap: all rounds of the stretch have ended
            m.owed += uint128(_stretch(id, m, round));
            m.from = round + 1;
        }
        m.through = round + 1;
    }

    /// The update of the current round does not count.
    function _unaccept(Member storage m, uint32 round) internal {
        m.through = round;
    }

    function _credit(bytes32 id, address account, uint256 amount) internal {
        if (amount > 0) _members[id][account].owed += uint128(amount);
    }

    /// Shares of the rounds of the stretch among the first `ended`.
    function _stretch(bytes32 id, Member storage m, uint32 ended) private view returns (uint256) {
        uint32 through = m.through < ended ? m.through : ended;
        return m.from == 0 || m.from > through ? 0 : _shares[id][through] - _shares[id][m.from - 1];
    }

    /// How many rounds have ended.
    function _ended(State storage s) private view returns (uint32) {
        return _isOver(s) ? s.round + 1 : s.round;
    }
}
