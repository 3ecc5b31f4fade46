// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HubState, State, Member} from "./HubState.sol";

/// Who is owed what. A member's accepted rounds that were not paid form one stretch; its shares are one difference of `_shares`. When a
/// later round does not join the stretch, the stretch is settled into `owed`.
abstract contract Ledger is HubState {
    /// An update of the current round counts until it is removed.
    function _accept(bytes32 id, Member storage m, uint32 round) internal {
        (uint32 from, uint32 through) = (m.from, m.through);
        if (from == 0 || from > through) {
            from = round + 1;
        } else if (through != round) {
            // a gap: all rounds of the stretch have ended
            m.owed += uint128(_stretch(id, m, round));
            from = round + 1;
        }
        (m.from, m.through) = (from, round + 1);
    }

    /// The update of the current round does not count.
    function _unaccept(Member storage m, uint32 round) internal {
        m.through = round;
    }

    function _credit(bytes32 id, address account, uint256 amount) internal {
        if (amount > 0) _members[id][account].owed += uint128(amount);
    }

    /// Shares of the rounds of the stretch among the first `ended`.
    function _stretch(bytes32 id, Member storage m, uint32 ended) internal view returns (uint256) {
        uint32 through = m.through < ended ? m.through : ended;
        return m.from == 0 || m.from > through ? 0 : _shares[id][through] - _shares[id][m.from - 1];
    }

    /// How many rounds have ended.
    function _ended(State storage s) internal view returns (uint32) {
        return _isOver(s) ? s.round + 1 : s.round;
    }
}
