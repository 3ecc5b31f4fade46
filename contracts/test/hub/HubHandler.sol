// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Progress, Task} from "../../src/interfaces/IFedHub.sol";
import {HubBase} from "./HubBase.sol";

/// Drives one bonded and one eager task through any sequence of calls, and keeps books of its own.
contract HubHandler is HubBase {
    uint256 private constant MEMBERS = 5;
    /// What did not divide in rounds before a task was cancelled.
    uint256 private constant DUST = 2 * MEMBERS;
    address private constant EVE = address(0xE7E);

    bytes32[2] private ids; // eager, bonded
    mapping(bytes32 id => uint256) private opened; // money of sponsors
    mapping(bytes32 id => uint256) private deposits;
    mapping(bytes32 id => uint256) private paid; // out of the hub
    mapping(bytes32 id => mapping(uint256 k => bool)) private joined;
    mapping(bytes32 id => mapping(uint256 k => bool)) private left;
    mapping(bytes32 id => mapping(uint256 key => uint256)) private models; // of a round: start = points(models, NW)
    // submissions of the current round, by task
    mapping(bytes32 id => address[]) private senders;
    mapping(bytes32 id => uint256[]) private values;
    mapping(bytes32 id => bytes[]) private proofs;
    mapping(bytes32 id => bool[]) private lies;
    mapping(bytes32 id => uint8[]) private answers; // 0 open, 1 demanded, 2 held, 3 removed
    uint256 private honest; // that the vault has sent to the hub

    constructor() {
        Task memory t = defaults();
        (t.rounds, t.maxMembers) = (4, uint32(MEMBERS));
        ids[0] = open(t);
        Task memory b = bonded();
        (b.rounds, b.maxMembers) = (4, uint32(MEMBERS));
        ids[1] = open(b);
        for (uint256 i = 0; i < 2; ++i) {
            opened[ids[i]] = 4 * 1051;
            models[ids[i]][0] = 100;
            for (uint256 k = 1; k <= 3; ++k) {
                join(ids[i], k);
                joined[ids[i]][k] = true;
            }
        }
    }

    /// What the hub gets in the call is the honest part of a slash.
    modifier slashing() {
        uint256 before = coin.balanceOf(address(hub));
        _;
        honest += coin.balanceOf(address(hub)) - before;
    }

    // --- actions: each does nothing where it may not be done -------------------------------------------------------------

    function joinOne(uint256 task_, uint256 k) external {
        (bytes32 id, Progress memory p) = _at(task_);
        k = 1 + k % MEMBERS;
        if (joined[id][k] || !_entering(p)) return;
        join(id, k);
        joined[id][k] = true;
    }

    function quitOne(uint256 task_, uint256 k) external slashing {
        (bytes32 id,) = _at(task_);
        k = 1 + k % MEMBERS;
        if (!joined[id][k] || left[id][k]) return;
        cheats.prank(member(k));
        hub.quit(id);
        left[id][k] = true;
    }

    function enterOne(uint256 task_, uint256 k) external slashing {
        (bytes32 id, Progress memory p) = _at(task_);
        k = 1 + k % MEMBERS;
        if (!joined[id][k] || !_entering(p)) return;
        uint32 next = p.phase == Phase.Joining ? 0 : p.round + 1;
        if (hub.entered(id, next, member(k))) return;
        fund(member(k), 10_000);
        cheats.prank(member(k));
        // refused while an update of the current round is due
        try hub.enter(id) {
            left[id][k] = false;
            assertTrue(hub.entered(id, next, member(k)), "entered");
            assertEq(vault.stakeOf(id, member(k)), 10_000, "full stake");
        } catch {
            assertTrue(hub.entered(id, p.round, member(k)) && !hub.submittedIn(id, p.round, member(k)), "an update is due");
        }
    }

    /// A round goes its way, from wherever it stands.
    function play(uint256 task_, uint32 u) external {
        (bytes32 id,) = _at(task_);
        for (uint256 i = 0; i < 5; ++i) {
            Phase phase = progress(id).phase;
            if (phase == Phase.Closing) return closeOne(task_, u);
            if (phase == Phase.Submitting) submitAll(task_, u);
            advanceOne(task_, phase != Phase.Revealing);
        }
    }

    /// Whoever can, truthfully.
    function submitAll(uint256 task_, uint32 u) public {
        for (uint256 k = 1; k <= MEMBERS; ++k) {
            submitOne(task_, k, u, false, false);
        }
    }

    function submitOne(uint256 task_, uint256 k, uint32 u, bool lie, bool leaving) public {
        (bytes32 id, Progress memory p) = _at(task_);
        k = 1 + k % MEMBERS;
        if (p.phase != Phase.Submitting || block.timestamp >= p.deadline) return;
        if (!hub.entered(id, p.round, member(k)) || hub.submittedIn(id, p.round, member(k))) return;
        if (beacon.isAbsent(p.round, member(k))) return;
        (bytes memory from, bytes memory points_) = (points(models[id][p.round], NW), update(u));
        bytes memory proof = lie && id == ids[1] ? abi.encode("lie", k, u) : trainingProof(id, k, from, u);
        bytes memory data = dataset(k);
        bytes32 dataId = datasetId(id, member(k), data);
        cheats.prank(member(k));
        if (id == ids[0]) hub.submit(id, from, dataId, data, proof, leaving);
        else hub.submitClaim(id, points_, keccak256(proof), leaving);
        senders[id].push(member(k));
        values[id].push(u);
        proofs[id].push(proof);
        lies[id].push(lie && id == ids[1]);
        answers[id].push(0);
    }

    function demandOne(uint256 index) external {
        (bytes32 id, Progress memory p) = _at(1);
        if (!_open(p) || p.submitted == 0 || block.timestamp >= p.deadline) return;
        index %= p.submitted;
        if (answers[id][index] != 0) return;
        fund(EVE, 70);
        bytes memory points_ = update(values[id][index]);
        cheats.prank(EVE);
        hub.demand(id, uint32(index), senders[id][index], points_, keccak256(proofs[id][index]));
        answers[id][index] = 1;
        deposits[id] += 70;
    }

    function settleOne(uint256 index) external {
        (bytes32 id, Progress memory p) = _at(1);
        if (!_open(p) || p.submitted == 0) return;
        index %= p.submitted;
        if (answers[id][index] > 1) return;
        address who = senders[id][index];
        bytes memory data = dataset(_number(who));
        bytes32 dataId = datasetId(id, who, data);
        (bytes memory from, bytes memory points_) = (points(models[id][p.round], NW), update(values[id][index]));
        bool lie = lies[id][index];
        bytes memory proof = proofs[id][index];
        uint256 before = coin.balanceOf(address(hub));
        cheats.prank(CLOSER);
        hub.settle(id, uint32(index), who, from, dataId, data, points_, proof);
        honest += coin.balanceOf(address(hub)) - before;
        answers[id][index] = lie ? 3 : 2;
        assertEq(progress(id).removed, p.removed + (lie ? 1 : 0), "lies alone are removed");
    }

    function expireOne(uint256 index) external {
        (bytes32 id, Progress memory p) = _at(1);
        if (!_open(p) || p.submitted == 0) return;
        index %= p.submitted;
        if (answers[id][index] != 1) return;
        cheats.warp(block.timestamp + 600);
        _expire(id, index);
        answers[id][index] = 3;
    }

    function missNonce(uint256 k) external {
        k = 1 + k % MEMBERS;
        for (uint256 i = 0; i < 2; ++i) {
            // the beacon is one for both tasks: only where both wait for nonces of the same round
            Progress memory p = progress(ids[i]);
            if (p.phase != Phase.Revealing || p.round != progress(ids[0]).round) return;
            if (!hub.entered(ids[i], p.round, member(k)) || beacon.isAbsent(p.round, member(k))) return;
        }
        beacon.miss(progress(ids[0]).round, member(k));
    }

    function reportOne(uint256 task_, uint256 k) external {
        (bytes32 id, Progress memory p) = _at(task_);
        k = 1 + k % MEMBERS;
        uint256 before = coin.balanceOf(address(hub));
        uint256 stake = vault.stakeOf(id, member(k));
        cheats.prank(EVE);
        try hub.reportAbsent(id, p.round, member(k)) {
            honest += coin.balanceOf(address(hub)) - before;
            assertTrue(!hub.submittedIn(id, p.round, member(k)), "was absent");
            assertTrue(vault.stakeOf(id, member(k)) < stake || stake == 0, "cut");
        } catch {
            assertEq(vault.stakeOf(id, member(k)), stake, "untouched");
        }
    }

    /// Time passes, and somebody advances where it is possible.
    function advanceOne(uint256 task_, bool wait) public {
        (bytes32 id, Progress memory p) = _at(task_);
        if (_over(p)) return;
        if (wait && p.phase != Phase.Closing) cheats.warp(block.timestamp < p.deadline ? p.deadline : block.timestamp);
        _advance(id);
    }

    function closeOne(uint256 task_, uint256 cut) public {
        (bytes32 id, Progress memory p) = _at(task_);
        if (p.phase != Phase.Closing || block.timestamp >= p.deadline) return;
        uint256 n = p.submitted;
        cut %= n + 1;
        (bytes memory members, bytes memory updates) = _packed(id, 0, cut);
        bytes memory sum = "";
        if (cut > 0) {
            cheats.prank(CLOSER);
            hub.accumulate(id, "", members, updates);
            sum = _sum(id, cut);
        }
        (members, updates) = _packed(id, cut, n);
        bytes memory next = points(1000 + p.round, NW);
        bytes memory proof = closeProof(id, CLOSER, _sum(id, n), next, n - p.removed);
        cheats.prank(CLOSER);
        hub.close(id, sum, members, updates, next, "weights", proof);
        models[id][p.round + 1] = 1000 + p.round;
        _forget(id);
    }

    function claimOne(uint256 task_, uint256 k) external {
        (bytes32 id,) = _at(task_);
        _claim(id, k % 7 == 6 ? EVE : k % 7 == 5 ? CLOSER : member(1 + k % 7));
    }

    // --- what must hold --------------------------------------------------------------------------------------------------

    /// What came in is what went out and what is held; what is due is there.
    function checkMoney() external view {
        uint256 owed = 0;
        uint256 books = honest;
        for (uint256 i = 0; i < 2; ++i) {
            books = books + opened[ids[i]] + deposits[ids[i]] - paid[ids[i]];
            for (uint256 k = 1; k <= MEMBERS; ++k) {
                owed += hub.due(ids[i], member(k));
            }
            owed += hub.due(ids[i], CLOSER) + hub.due(ids[i], EVE);
        }
        assertTrue(coin.balanceOf(address(hub)) >= owed, "what is due is there");
        assertTrue(coin.balanceOf(address(hub)) >= books, "what came in and did not go out is there");
    }

    /// No stake is counted twice, and whoever is to take part next has a full one.
    function checkStakes() external view {
        uint256 total = 0;
        for (uint256 i = 0; i < 2; ++i) {
            Progress memory p = progress(ids[i]);
            uint32 next = p.phase == Phase.Joining ? 0 : p.round + 1;
            for (uint256 k = 1; k <= MEMBERS; ++k) {
                uint256 stake = vault.stakeOf(ids[i], member(k));
                total += stake;
                if (!_over(p) && hub.entered(ids[i], next, member(k))) assertEq(stake, 10_000, "a full stake for the next round");
            }
        }
        assertTrue(coin.balanceOf(address(vault)) >= total, "stakes are there");
    }

    function checkCounts() external view {
        for (uint256 i = 0; i < 2; ++i) {
            Progress memory p = progress(ids[i]);
            uint32 next = p.phase == Phase.Joining ? 0 : p.round + 1;
            (uint32 entering, uint32 members) = (0, 0);
            for (uint256 k = 1; k <= MEMBERS; ++k) {
                if (hub.entered(ids[i], next, member(k))) ++entering;
                if (joined[ids[i]][k] && !left[ids[i]][k]) ++members;
            }
            if (!_over(p)) assertEq(p.phase == Phase.Joining ? p.entered : p.entering, entering, "entering");
            assertEq(p.members, members, "members");
            assertTrue(p.submitted <= p.entered || p.phase == Phase.Joining, "submitted");
            assertTrue(p.removed <= p.submitted, "removed");
        }
    }

    /// Time and anybody end a task; then everybody is paid, and of the sponsor's money nothing stays.
    function finish() external {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 id = ids[i];
            for (uint256 n = 0; !_over(progress(id)); ++n) {
                assertTrue(n < 8, "a phase is stuck");
                cheats.warp(block.timestamp + 8 days);
                hub.advance(id);
            }
            for (uint256 index = 0; i == 1 && index < answers[id].length; ++index) {
                if (answers[id][index] == 1) _expire(id, index);
            }
            for (uint256 k = 1; k <= MEMBERS; ++k) {
                _claim(id, member(k));
            }
            _claim(id, CLOSER);
            _claim(id, EVE);
            uint256 before = coin.balanceOf(SPONSOR);
            try hub.refund(id) {} catch {}
            paid[id] += coin.balanceOf(SPONSOR) - before;
            assertTrue(paid[id] + honest + DUST >= opened[id] + deposits[id], "nothing of the sponsor's stays");
        }
        assertTrue(coin.balanceOf(address(hub)) <= honest + DUST, "but what came from slashes");
    }

    // --- parts -----------------------------------------------------------------------------------------------------------

    function _at(uint256 task_) private view returns (bytes32 id, Progress memory p) {
        id = ids[task_ % 2];
        p = progress(id);
    }

    function _over(Progress memory p) private pure returns (bool) {
        return p.phase == Phase.Finished || p.phase == Phase.Cancelled;
    }

    function _open(Progress memory p) private pure returns (bool) {
        return p.phase == Phase.Submitting || p.phase == Phase.Challenging;
    }

    /// There is a next round to enter.
    function _entering(Progress memory p) private view returns (bool) {
        if (_over(p)) return false;
        return p.phase == Phase.Joining ? block.timestamp < p.deadline : p.round + 1 < 4;
    }

    function _number(address who) private pure returns (uint256 k) {
        for (k = 1; member(k) != who; ++k) {}
    }

    function _advance(bytes32 id) private {
        uint32 round = progress(id).round;
        try hub.advance(id) {} catch {}
        if (progress(id).round != round) _forget(id);
    }

    function _forget(bytes32 id) private {
        delete senders[id];
        delete values[id];
        delete proofs[id];
        delete lies[id];
        delete answers[id];
    }

    function _expire(bytes32 id, uint256 index) private {
        bytes memory points_ = update(values[id][index]);
        uint256 before = coin.balanceOf(address(hub));
        hub.expire(id, uint32(index), senders[id][index], points_, keccak256(proofs[id][index]));
        honest += coin.balanceOf(address(hub)) - before;
    }

    function _claim(bytes32 id, address who) private {
        uint256 amount = hub.due(id, who);
        if (amount == 0) return;
        uint256 before = coin.balanceOf(who);
        assertEq(hub.claim(id, who), amount, "what was due");
        assertEq(coin.balanceOf(who), before + amount, "paid");
        assertEq(hub.due(id, who), 0, "not twice");
        paid[id] += amount;
    }

    function _packed(bytes32 id, uint256 from, uint256 to) private view returns (bytes memory members, bytes memory updates) {
        for (uint256 i = from; i < to; ++i) {
            members = abi.encodePacked(members, senders[id][i]);
            updates = bytes.concat(updates, update(values[id][i]));
        }
    }

    /// Of the first n that were not removed.
    function _sum(bytes32 id, uint256 n) private view returns (bytes memory) {
        (uint256 total, uint256 kept) = (0, 0);
        for (uint256 i = 0; i < n; ++i) {
            if (answers[id][i] != 3) (total, kept) = (total + values[id][i], kept + 1);
        }
        return bytes.concat(multiple(total), multiple(total + kept));
    }
}
