// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Mode, Task} from "../interfaces/IFedHub.sol";
import {ITrainingVerifier} from "../interfaces/ITrainingVerifier.sol";
import {Shape} from "../interfaces/IVerifyingKeys.sol";
import {State} from "./HubState.sol";
import {Rounds} from "./Rounds.sol";
import {Updates} from "./Updates.sol";
import {Tasks, Terms, Facts} from "./Tasks.sol";
import "./HubErrors.sol";

/// Opening and giving up tasks.
abstract contract Sponsors is Rounds, Updates {
    uint256 private constant MAX_AMOUNT = type(uint104).max;
    uint256 private constant MAX_WINDOW = 365 days;
    uint256 private constant MAX_ROUNDS = (1 << 24) - 1;
    /// Points of a training statement, of [W_out] and of a proof, whose scalars count as half a point each: at about 7,000 gas each a verdict
    /// takes no more than VERDICT_GAS. Else an honest claim could be demanded and not be shown, and no proof would fit a transaction.
    uint256 private constant MAX_POINTS = 1024;
    uint256 private constant POINT = 64;
    /// Round-close proofs count updates in 16 bits.
    uint256 private constant MAX_MEMBERS = (1 << 16) - 1;

    function open(Task calldata task_, bytes calldata start) external ofHub nonReentrant returns (bytes32 id) {
        Task memory t = task_;
        _check(t);
        id = keccak256(abi.encode(block.chainid, address(this), t));
        State storage s = _states[id];
        if (s.phase != Phase.None) revert TaskExists(id);
        Facts memory facts = _facts(t);
        _checkStart(start, t.start, facts.nW);

        uint256 escrow = uint256(t.rounds) * (uint256(t.reward) + t.closerFee);
        _need(escrow <= type(uint128).max, "rounds");
        (s.terms, s.start, s.escrow) = (Tasks.store(t, facts), t.start, uint128(escrow));
        emit TaskOpened(id, msg.sender, t, start);
        _setPhase(id, s, Phase.Joining, t.joinWindow);
        _pull(t.token, msg.sender, escrow);
    }

    function cancel(bytes32 id) external ofHub nonReentrant {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        _requireRunning(s);
        Task memory t = terms.task;
        if (!router.usable(t.verifier, t.keyId)) return _cancel(id, s, t, "verifier stopped");
        if (msg.sender != t.sponsor) revert NotSponsor(t.sponsor, msg.sender);
        if (s.phase != Phase.Joining || s.members > 0) revert CannotCancel();
        _cancel(id, s, t, "sponsor");
    }

    function _check(Task memory t) private view {
        if (t.sponsor != msg.sender) revert NotSponsor(t.sponsor, msg.sender);
        _need(t.rounds > 0 && t.rounds <= MAX_ROUNDS, "rounds");
        _need(t.maxMembers > 0 && t.maxMembers <= MAX_MEMBERS, "maxMembers");
        _need(t.minAccepted > 0 && t.minAccepted <= t.maxMembers, "minAccepted");
        _need(t.stake <= MAX_AMOUNT, "stake");
        _need(t.revealPenalty <= t.stake, "revealPenalty");
        _need(t.absencePenalty <= t.stake, "absencePenalty");
        _need(t.claimBond <= t.stake, "claimBond");
        _need(t.reward <= MAX_AMOUNT, "reward");
        _need(t.closerFee <= MAX_AMOUNT, "closerFee");
        _need(t.demandDeposit <= MAX_AMOUNT, "demandDeposit");
        _checkWindow(t.joinWindow, "joinWindow");
        _checkWindow(t.revealWindow, "revealWindow");
        _checkWindow(t.submitWindow, "submitWindow");
        _checkWindow(t.closeWindow, "closeWindow");
        if (t.mode == Mode.Bonded) {
            // a claim must have something to lose
            _need(t.claimBond > 0, "claimBond");
            _checkWindow(t.challengeWindow, "challengeWindow");
            _checkWindow(t.answerWindow, "answerWindow");
        } else {
            _need(t.claimBond == 0, "claimBond");
            _need(t.challengeWindow == 0, "challengeWindow");
            _need(t.answerWindow == 0, "answerWindow");
            _need(t.demandDeposit == 0, "demandDeposit");
        }
        _need(address(t.token).code.length > 0, "token");
        _need(address(t.gate).code.length > 0, "gate");
        _need(address(t.beacon).code.length > 0, "beacon");
        _need(keys.isStored(t.keyId), "keyId");
        _need(router.usable(t.verifier, t.keyId), "verifier");
    }

    function _checkWindow(uint256 window, bytes32 field) private pure {
        _need(window > 0 && window <= MAX_WINDOW, field);
    }

    function _need(bool condition, bytes32 field) private pure {
        if (!condition) revert BadTask(field);
    }

    function _facts(Task memory t) private view returns (Facts memory) {
        bytes32 keyId = t.keyId;
        Shape memory shape = keys.shape(keyId);
        _need(2 * shape.nW + shape.nD + shape.trainingLength / POINT <= MAX_POINTS, "keyId");
        (ITrainingVerifier training,,,) = router.verifiersOf(t.verifier);
        return Facts({
            key: keys.keyDigest(keyId),
            setup: keys.setupDigest(keyId),
            nW: shape.nW,
            nD: shape.nD,
            blocks: shape.blocks,
            trained: shape.records,
            registered: shape.blocks * shape.batch,
            verifier: training
        });
    }

    function _checkStart(bytes calldata start, bytes32 expected, uint256 nW) private pure {
        _requirePoints(start, nW);
        _requireHash(start, expected);
        _checkPoints(start);
    }
}
