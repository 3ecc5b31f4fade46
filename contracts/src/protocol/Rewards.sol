// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IFedHub} from "../interfaces/IFedHub.sol";
import {State, Member} from "./HubState.sol";
import {Ledger} from "./Ledger.sol";
import {Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// Paying out.
abstract contract Rewards is IFedHub, Ledger {
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
}
