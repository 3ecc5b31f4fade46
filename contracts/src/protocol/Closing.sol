// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFedHub, Phase, Task} from "../interfaces/IFedHub.sol";
import {State, Accumulation, Answer} from "./HubState.sol";
import {Ledger} from "./Ledger.sol";
import {Rounds} from "./Rounds.sol";
import {Terms} from "./Tasks.sol";
import {CommitSum} from "./CommitSum.sol";
import {Statements} from "./Statements.sol";
import "./HubErrors.sol";

/// Closing a round: the sum of its updates, computed here, and the proof that the next model is its mean.
abstract contract Closing is IFedHub, Ledger, Rounds {
    using CommitSum for bytes;

    function accumulate(bytes32 id, bytes calldata partialSum, bytes calldata members, bytes calldata updates)
        external
        nonReentrant
    {
        _requireClosing(id);
        bytes memory sum = _add(id, partialSum, members, updates);
        _accumulations[id][msg.sender].sum = keccak256(sum);
    }

    function close(
        bytes32 id,
        bytes calldata partialSum,
        bytes calldata members,
        bytes calldata updates,
        bytes calldata next,
        bytes32 weights,
        bytes calldata proofFile
    ) external nonReentrant {
        _requireClosing(id);
        _close(id, _add(id, partialSum, members, updates), next, weights, proofFile);
        _goOnOrFinish(id);
    }

    function _close(bytes32 id, bytes memory sum, bytes calldata next, bytes32 weights, bytes calldata proofFile) private {
        _requireAll(id);
        _verify(id, sum, next, proofFile);
        uint256 share = _pay(id);
        _states[id].start = keccak256(next);
        uint32 round = _states[id].round;
        uint32 accepted = _states[id].submitted - _states[id].removed;
        emit RoundClosed(id, round, msg.sender, accepted, share, sum, next, weights, keccak256(proofFile));
    }

    function _requireClosing(bytes32 id) private view {
        Task memory t = _terms(id).task;
        _requirePhase(_states[id], Phase.Closing);
        if (t.aggregator != address(0) && msg.sender != t.aggregator) revert NotAggregator(t.aggregator, msg.sender);
    }

    /// The sender's sum with further submissions, which are counted.
    function _add(bytes32 id, bytes calldata partialSum, bytes calldata members, bytes calldata updates)
        private
        returns (bytes memory sum)
    {
        Accumulation storage a = _accumulations[id][msg.sender];
        State storage s = _states[id];
        uint256 nW = _terms(id).facts.nW;
        if (partialSum.length == 0) {
            (a.round, a.count, a.roll) = (s.round + 1, 0, 0);
            sum = CommitSum.zero(nW);
        } else {
            bytes32 got = keccak256(partialSum);
            if (a.round != s.round + 1 || a.sum != got) revert WrongSum(a.round == s.round + 1 ? a.sum : bytes32(0), got);
            sum = partialSum;
        }
        uint256 n = members.length / 20;
        if (members.length != 20 * n) revert WrongPointsLength(20 * n, members.length);
        _requirePoints(updates, nW * n);
        if (a.count + n > s.submitted) revert WrongCount(s.submitted, a.count + n);
        _walk(id, a, sum, _position(members), _position(updates), n);
    }

    /// n submissions at calldata positions: all belong to the roll, removed ones not to the sum.
    function _walk(bytes32 id, Accumulation storage a, bytes memory sum, uint256 member, uint256 points, uint256 n) private {
        (bytes32 roll, uint256 first) = (a.roll, a.count);
        bool all = _states[id].removed == 0;
        // positions and counts are far below what would overflow: all of it was given as calldata
        unchecked {
            for (uint256 i = 0; i < n; ++i) {
                uint256 update = points + sum.length * i;
                roll = CommitSum.next(roll, member + 20 * i, update, sum.length);
                if (all || _counts(id, first + i)) sum.add(update);
            }
        }
        (a.roll, a.count) = (roll, uint32(first + n));
    }

    function _counts(bytes32 id, uint256 index) private view returns (bool) {
        return _disputes[_claimKey(id, _states[id].round, index)].answer != Answer.Removed;
    }

    function _position(bytes calldata data) private pure returns (uint256 pos) {
        assembly ("memory-safe") {
            pos := data.offset
        }
    }

    /// All submissions of the round were added, and no others.
    function _requireAll(bytes32 id) private view {
        State storage s = _states[id];
        Accumulation storage a = _accumulations[id][msg.sender];
        if (a.count != s.submitted) revert WrongCount(s.submitted, a.count);
        if (a.roll != _roll(s)) revert WrongRoll(_roll(s), a.roll);
    }

    function _verify(bytes32 id, bytes memory sum, bytes calldata next, bytes calldata proofFile) private view {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        _requirePoints(next, terms.facts.nW);
        bytes memory subject = Statements.subject(terms.facts, id, msg.sender, s.round);
        bytes memory statement = Statements.close(subject, sum, next, s.submitted - s.removed);
        bytes memory proven = router.verifyClose(terms.task.verifier, terms.task.keyId, statement, proofFile);
        _requireHash(next, keccak256(proven));
    }

    /// Shares of the round. What does not divide goes to the next round's, in the end to whoever closes.
    function _pay(bytes32 id) private returns (uint256 share) {
        Task memory t = _terms(id).task;
        State storage s = _states[id];
        uint256 accepted = s.submitted - s.removed;
        uint256 whole = uint256(t.reward) + s.pot;
        share = whole / accepted;
        uint256 rest = whole - share * accepted;
        _share(id, s.round, share);
        s.escrow -= t.reward + t.closerFee;
        bool last = s.round + 1 == t.rounds;
        s.pot = last ? 0 : uint128(rest);
        _credit(id, msg.sender, t.closerFee + (last ? rest : 0));
    }

    function _goOnOrFinish(bytes32 id) private {
        State storage s = _states[id];
        Task memory t = _terms(id).task;
        if (s.round + 1 == t.rounds) _setPhase(id, s, Phase.Finished, 0);
        else _begin(id, s, t, s.round + 1);
    }
}
