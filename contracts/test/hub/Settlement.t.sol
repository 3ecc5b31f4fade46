// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {FedHub} from "../../src/FedHub.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {OpenGate} from "../../src/gates/OpenGate.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {IGate} from "../../src/interfaces/IGate.sol";
import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {OpeningFailed} from "../../src/verifier/Errors.sol";
import {Cheats} from "../parts/PartBase.sol";
import {Coin} from "../parts/Tokens.sol";
import {TestBase, Vector} from "../TestBase.sol";
import {FakeBeacon} from "./Fakes.sol";

/// A whole round by the real verifiers: two members register, train and submit, the round is closed and everybody paid. The proofs
/// (contracts/script/hub_vector.py) were made for a hub at this address, and so is everything that the task's id hashes.
contract SettlementTest is TestBase {
    Cheats private constant cheats = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    FedHub private constant hub = FedHub(address(0xFED0));
    Coin private constant coin = Coin(address(0xFED1));
    address private constant GATE = address(0xFED2);
    address private constant BEACON = address(0xFED3);
    address private constant SPONSOR = address(0x5905);
    address private constant CLOSER = address(0xC105E);
    uint256 private constant POINT = 64;

    Vector[5] private vectors; // registration and training of two members, close
    bytes32 private keyId;

    function setUp() public {
        for (uint256 i = 0; i < 5; ++i) {
            vectors[i] = load("hub-round", i);
        }
        keyId = keys.store(vectors[0].program, vectors[0].table, vectors[0].setup);
        VerifierRouter router = new VerifierRouter(keys, trainings, registrations, closes, address(0), 0);
        cheats.etch(address(coin), address(new Coin()).code);
        cheats.etch(GATE, address(new OpenGate()).code);
        cheats.etch(BEACON, address(new FakeBeacon()).code);
        // the constructor runs where the hub is to be
        cheats.etch(address(hub), abi.encodePacked(type(FedHub).creationCode, abi.encode(router, keys)));
        (bool ok, bytes memory code) = address(hub).call("");
        assertTrue(ok, "constructor");
        cheats.etch(address(hub), code);
    }

    function word(uint256 i, uint256 k) private view returns (bytes32) {
        return bytes32(slice(vectors[i].statement, 32 * k, 32));
    }

    function slice(bytes memory data, uint256 from, uint256 length) private pure returns (bytes memory out) {
        out = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            out[i] = data[from + i];
        }
    }

    function member(uint256 k) private pure returns (address) {
        return k == 0 ? address(0xA1) : address(0xA2);
    }

    /// [W_0], [D] of member k, [W_out] of member k: one vector each. An update stands in the proof's file, behind its trace columns.
    function start() private view returns (bytes memory) {
        return slice(vectors[1].statement, 7 * 32, POINT);
    }

    function dataset(uint256 k) private view returns (bytes memory) {
        return slice(vectors[2 * k].statement, 7 * 32, POINT);
    }

    function open() private returns (bytes32 id) {
        Task memory t;
        t.sponsor = SPONSOR;
        (t.taskDigest, t.taskFile) = (keccak256("task"), keccak256("file"));
        (t.keyId, t.verifier, t.start) = (keyId, 1, keccak256(start()));
        (t.rounds, t.minAccepted, t.maxMembers) = (1, 2, 2);
        (t.token, t.gate, t.beacon) = (IERC20(address(coin)), IGate(GATE), IBeacon(BEACON));
        (t.reward, t.closerFee, t.stake) = (1000, 50, 10_000);
        (t.revealPenalty, t.absencePenalty) = (1000, 2000);
        (t.joinWindow, t.revealWindow, t.submitWindow, t.closeWindow) = (100, 200, 300, 400);
        t.salt = "round";
        coin.mint(SPONSOR, 1050);
        bytes memory points = start();
        cheats.startPrank(SPONSOR);
        coin.approve(address(hub), 1050);
        id = hub.open(t, points);
        cheats.stopPrank();
        assertTrue(id == word(0, 3), "the task that the proofs speak of");
    }

    function join(bytes32 id, uint256 k) private {
        bytes memory data = dataset(k);
        address vault = address(hub.vault());
        coin.mint(member(k), 10_000);
        cheats.startPrank(member(k));
        coin.approve(vault, 10_000);
        hub.join(id, bytes32("tip"), data, vectors[2 * k].proof, "");
        cheats.stopPrank();
    }

    function submit(bytes32 id, uint256 k) private {
        bytes32 datasetId = word(1 + 2 * k, 7 + 2);
        (bytes memory points, bytes memory data) = (start(), dataset(k));
        cheats.prank(member(k));
        hub.submit(id, points, datasetId, data, vectors[1 + 2 * k].proof, false);
    }

    function update(uint256 k) private view returns (bytes memory) {
        return trainings.verifyTraining(keyId, vectors[1 + 2 * k].statement, vectors[1 + 2 * k].proof);
    }

    function closing() private returns (bytes32 id) {
        id = open();
        join(id, 0);
        join(id, 1);
        hub.advance(id);
        hub.advance(id);
        submit(id, 0);
        submit(id, 1);
        hub.advance(id);
        assertTrue(hub.progress(id).phase == Phase.Closing, "closing");
    }

    function test_aWholeRound() public {
        bytes32 id = closing();
        bytes memory next = slice(vectors[4].statement, 7 * 32 + POINT, POINT);
        bytes memory members = abi.encodePacked(member(0), member(1));
        bytes memory updates = bytes.concat(update(0), update(1));
        cheats.prank(CLOSER);
        hub.close(id, "", members, updates, next, keccak256("weights"), vectors[4].proof);
        assertTrue(hub.progress(id).phase == Phase.Finished, "finished");
        assertTrue(hub.progress(id).start == keccak256(next), "the model");
        assertEq(hub.claim(id, member(0)) + hub.claim(id, member(1)), 1000, "rewards");
        assertEq(hub.claim(id, CLOSER), 50, "fee");
    }

    function test_aChangedProofIsRejected() public {
        bytes32 id = open();
        join(id, 0);
        join(id, 1);
        hub.advance(id);
        hub.advance(id);
        // the last byte of e1, before two points
        bytes memory proof = vectors[1].proof;
        proof[proof.length - 129] ^= 0x01;
        (bytes memory points, bytes memory data, bytes32 datasetId) = (start(), dataset(0), word(1, 9));
        cheats.prank(member(0));
        cheats.expectRevert(abi.encodeWithSelector(OpeningFailed.selector));
        hub.submit(id, points, datasetId, data, proof, false);
        // a true proof, of another member
        cheats.prank(member(1));
        cheats.expectRevert();
        hub.submit(id, points, datasetId, data, vectors[1].proof, false);
    }

    function test_aCloseOfAnotherCloserIsRejected() public {
        bytes32 id = closing();
        bytes memory next = slice(vectors[4].statement, 7 * 32 + POINT, POINT);
        bytes memory members = abi.encodePacked(member(0), member(1));
        bytes memory updates = bytes.concat(update(0), update(1));
        cheats.prank(SPONSOR);
        cheats.expectRevert(abi.encodeWithSelector(OpeningFailed.selector));
        hub.close(id, "", members, updates, next, keccak256("weights"), vectors[4].proof);
    }
}
