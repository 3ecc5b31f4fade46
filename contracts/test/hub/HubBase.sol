// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {FedHub} from "../../src/FedHub.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVerifyingKeys} from "../../src/interfaces/IVerifyingKeys.sol";
import {Mode, Phase, Progress, Task} from "../../src/interfaces/IFedHub.sol";
import {OpenGate} from "../../src/gates/OpenGate.sol";
import {Schedules} from "../../src/protocol/Schedules.sol";
import "../../src/protocol/HubErrors.sol";
import {PartBase} from "../parts/PartBase.sol";
import {Coin} from "../parts/Tokens.sol";
import {FakeBeacon, FakeKeys, FakeRouter} from "./Fakes.sol";

/// A hub over verifiers that take hashes of statements for proofs, and what members, sponsors and closers do with it. Statements are
/// built here once more, from the text of docs/protocol.md.
abstract contract HubBase is PartBase {
    uint256 internal constant NW = 2;
    uint256 internal constant ND = 3;
    address internal constant SPONSOR = address(0x5905);
    address internal constant CLOSER = address(0xC105E);

    FakeKeys internal immutable keys = new FakeKeys(NW, ND, 6, 4, 3);
    FakeRouter internal immutable router = new FakeRouter();
    FakeBeacon internal immutable beacon = new FakeBeacon();
    OpenGate internal immutable gate = new OpenGate();
    Coin internal immutable coin = new Coin();
    FedHub internal immutable hub = new FedHub(router, IVerifyingKeys(address(keys)));
    IStakeVault internal immutable vault = hub.vault();

    /// Submissions of the current round, in their order.
    address[] internal by;
    uint256[] internal what;

    /// n members; member k (from 1).
    function member(uint256 k) internal pure returns (address) {
        return cheats.addr(1000 + k);
    }

    // --- points ----------------------------------------------------------------------------------------------------------

    /// k G1, then (k + 1) G1, ..: `n` points. k = 0: the identity first.
    function points(uint256 k, uint256 n) internal view returns (bytes memory out) {
        for (uint256 i = 0; i < n; ++i) {
            out = bytes.concat(out, multiple(k + i));
        }
    }

    function multiple(uint256 k) internal view returns (bytes memory out) {
        (bool ok, bytes memory result) = address(7).staticcall(abi.encode(uint256(1), uint256(2), k));
        require(ok, "ecMul");
        return result;
    }

    /// The points of the sum of all updates k: update k is k G1, (k + 1) G1.
    function sumOf(uint256[] memory ks) internal view returns (bytes memory out) {
        uint256 total = 0;
        for (uint256 i = 0; i < ks.length; ++i) {
            total += ks[i];
        }
        return bytes.concat(multiple(total), multiple(total + ks.length));
    }

    function start() internal view returns (bytes memory) {
        return points(100, NW);
    }

    function dataset(uint256 k) internal view returns (bytes memory) {
        return points(200 + 10 * k, ND);
    }

    function update(uint256 k) internal view returns (bytes memory) {
        return points(k, NW);
    }

    // --- tasks -----------------------------------------------------------------------------------------------------------

    function defaults() internal view returns (Task memory t) {
        t.sponsor = SPONSOR;
        t.taskDigest = keccak256("task");
        t.taskFile = keccak256("file");
        t.keyId = keccak256("key");
        t.verifier = 1;
        t.start = keccak256(start());
        t.rounds = 3;
        t.minAccepted = 2;
        t.maxMembers = 5;
        t.token = IERC20(address(coin));
        (t.reward, t.closerFee, t.stake) = (1001, 50, 10_000);
        (t.revealPenalty, t.absencePenalty) = (1000, 2000);
        (t.gate, t.beacon) = (gate, beacon);
        (t.joinWindow, t.revealWindow, t.submitWindow, t.closeWindow) = (100, 200, 300, 400);
    }

    function bonded() internal view returns (Task memory t) {
        t = defaults();
        t.mode = Mode.Bonded;
        (t.claimBond, t.demandDeposit) = (5000, 70);
        (t.challengeWindow, t.answerWindow) = (500, 600);
    }

    function open(Task memory t) internal returns (bytes32 id) {
        uint256 escrow = uint256(t.rounds) * (uint256(t.reward) + t.closerFee);
        coin.mint(t.sponsor, escrow);
        cheats.startPrank(t.sponsor);
        coin.approve(address(hub), escrow);
        id = hub.open(t, start());
        cheats.stopPrank();
    }

    // --- members ---------------------------------------------------------------------------------------------------------

    function registrationOf(bytes32 id, address who, bytes32 nonce, bytes memory data) internal view returns (bytes memory) {
        bytes memory head = abi.encodePacked(block.chainid, uint256(uint160(address(hub))), uint256(uint160(who)), id);
        return abi.encodePacked(head, keys.KEY(), keys.SETUP(), nonce, data, uint256(8 * 4));
    }

    function proofOf(string memory kind, bytes memory statement, bytes memory answer) internal pure returns (bytes memory) {
        return bytes.concat(keccak256(abi.encodePacked(kind, statement)), answer);
    }

    function datasetId(bytes32 id, address who, bytes memory data) internal view returns (bytes32) {
        return keccak256(abi.encodePacked("fedproof/dataset/1", registrationOf(id, who, tipOf(who), data)));
    }

    /// The member's nonce commitment.
    function tipOf(address) internal view virtual returns (bytes32) {
        return bytes32("tip");
    }

    function fund(address who, uint256 amount) internal {
        coin.mint(who, amount);
        cheats.startPrank(who);
        coin.approve(address(vault), type(uint256).max);
        coin.approve(address(hub), type(uint256).max);
        cheats.stopPrank();
    }

    function join(bytes32 id, uint256 k) internal {
        fund(member(k), 10_000);
        joinWith(id, member(k), dataset(k));
    }

    function joinWith(bytes32 id, address who, bytes memory data) internal {
        bytes memory proof = proofOf("registration", registrationOf(id, who, tipOf(who), data), "");
        bytes32 tip = tipOf(who);
        cheats.prank(who);
        hub.join(id, tip, data, proof, "");
    }

    // --- rounds ----------------------------------------------------------------------------------------------------------

    function progress(bytes32 id) internal view returns (Progress memory) {
        return hub.progress(id);
    }

    function assertPhase(bytes32 id, Phase phase) internal view {
        assertEq(uint256(progress(id).phase), uint256(phase), "phase");
    }

    function pass(bytes32 id) internal {
        cheats.warp(progress(id).deadline);
        hub.advance(id);
    }

    /// Joined by members 1 to n, and round 0 seeded.
    function begun(Task memory t, uint256 n) internal returns (bytes32 id) {
        id = open(t);
        for (uint256 k = 1; k <= n; ++k) {
            join(id, k);
        }
        pass(id);
        hub.advance(id);
        assertPhase(id, Phase.Submitting);
    }

    function trainingOf(bytes32 id, address who, bytes memory from, bytes32 dataId, bytes memory data)
        internal
        view
        returns (bytes memory)
    {
        (bytes memory pi, uint256 beta) = Schedules.derive(progress(id).seed, 8);
        bytes memory head = abi.encodePacked(block.chainid, uint256(uint160(address(hub))), uint256(uint160(who)), id);
        head = abi.encodePacked(head, uint256(progress(id).round), keys.KEY(), keys.SETUP(), from);
        return abi.encodePacked(head, dataId, data, pi, beta, uint256(6 * 4));
    }

    function trainingProof(bytes32 id, uint256 k, bytes memory from, uint256 u) internal view returns (bytes memory) {
        bytes32 dataId = datasetId(id, member(k), dataset(k));
        return proofOf("training", trainingOf(id, member(k), from, dataId, dataset(k)), update(u));
    }

    /// Member k submits update u of a round that began with `from`.
    function submit(bytes32 id, uint256 k, bytes memory from, uint256 u, bool leaving) internal {
        bytes memory proof = trainingProof(id, k, from, u);
        bytes memory data = dataset(k);
        bytes32 dataId = datasetId(id, member(k), data);
        cheats.prank(member(k));
        hub.submit(id, from, dataId, data, proof, leaving);
        by.push(member(k));
        what.push(u);
    }

    function submit(bytes32 id, uint256 k, uint256 u) internal {
        submit(id, k, start(), u, false);
    }

    function packed() internal view returns (bytes memory members, bytes memory updates) {
        return packed(0, by.length);
    }

    function packed(uint256 from, uint256 to) internal view returns (bytes memory members, bytes memory updates) {
        for (uint256 i = from; i < to; ++i) {
            members = abi.encodePacked(members, by[i]);
            updates = bytes.concat(updates, update(what[i]));
        }
    }

    function closeProof(bytes32 id, address closer, bytes memory sum, bytes memory next, uint256 accepted)
        internal
        view
        returns (bytes memory)
    {
        bytes memory head = abi.encodePacked(block.chainid, uint256(uint160(address(hub))), uint256(uint160(closer)), id);
        head = abi.encodePacked(head, uint256(progress(id).round), keys.KEY(), keys.SETUP());
        return proofOf("close", abi.encodePacked(head, sum, next, accepted), next);
    }

    /// Closes the round with all its submissions; none removed.
    function close(bytes32 id, bytes memory next) internal {
        (bytes memory members, bytes memory updates) = packed();
        bytes memory proof = closeProof(id, CLOSER, sumOf(what), next, by.length);
        cheats.prank(CLOSER);
        hub.close(id, "", members, updates, next, keccak256("weights"), proof);
        (by, what) = (new address[](0), new uint256[](0));
    }

    // --- claims ----------------------------------------------------------------------------------------------------------

    /// Member k claims update u, with a true proof unless it lies. Returns the proof's file.
    function submitClaim(bytes32 id, uint256 k, uint256 u, bool lies) internal returns (bytes memory proof) {
        bytes memory points_ = update(u);
        proof = lies ? abi.encode(keccak256("no proof"), u) : trainingProof(id, k, start(), u);
        cheats.prank(member(k));
        hub.submitClaim(id, points_, keccak256(proof), false);
        by.push(member(k));
        what.push(u);
    }

    /// Somebody settles the claim at `index`, of member k.
    function settle(bytes32 id, uint32 index, uint256 k, bytes memory proof, address settler) internal {
        bytes memory data = dataset(k);
        bytes32 dataId = datasetId(id, member(k), data);
        (bytes memory from, bytes memory points_) = (start(), update(what[index]));
        cheats.prank(settler);
        hub.settle(id, index, member(k), from, dataId, data, points_, proof);
    }

    function demand(bytes32 id, uint32 index, bytes memory proof, address demander) internal {
        bytes memory points_ = update(what[index]);
        cheats.prank(demander);
        hub.demand(id, index, by[index], points_, keccak256(proof));
    }

    function expire(bytes32 id, uint32 index, bytes memory proof) internal {
        hub.expire(id, index, by[index], update(what[index]), keccak256(proof));
    }

    function claim(bytes32 id, address who) internal returns (uint256) {
        return hub.claim(id, who);
    }
}
