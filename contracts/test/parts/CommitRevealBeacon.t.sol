// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartBase} from "./PartBase.sol";
import {BeaconHub} from "./Hubs.sol";
import {RoundAlreadyBegun} from "../../src/beacons/BeaconErrors.sol";
import {
    CommitRevealBeacon,
    RevealsClosed,
    NotEntered,
    AlreadyRevealed,
    WrongNonce,
    TooManySteps
} from "../../src/beacons/CommitRevealBeacon.sol";

contract CommitRevealBeaconTest is PartBase {
    uint32 private constant ROUNDS = 6;
    bytes32 private constant RANDAO = keccak256("randao");

    CommitRevealBeacon private beacon = new CommitRevealBeacon();
    BeaconHub private hub = new BeaconHub();

    /// A member's chain of ROUNDS links, cut at a round: what round `round` reveals.
    function nonce(string memory root, uint32 round) private pure returns (bytes32) {
        return hashed(keccak256(bytes(root)), ROUNDS - 1 - round);
    }

    function tip(string memory root) private pure returns (bytes32) {
        return hashed(keccak256(bytes(root)), ROUNDS);
    }

    function hashed(bytes32 value, uint256 steps) private pure returns (bytes32) {
        for (uint256 i = 0; i < steps; ++i) {
            value = keccak256(abi.encode(value));
        }
        return value;
    }

    function setUp() external {
        cheats.prevrandao(RANDAO);
        cheats.warp(1000);
        cheats.roll(10);
        hub.enrol(beacon, ID, ALICE, tip("alice"));
        hub.enrol(beacon, ID, BOB, tip("bob"));
        cheats.roll(11);
    }

    /// Both members enter the round, and it begins.
    function begun(uint32 round) private {
        hub.enter(ID, round, ALICE);
        hub.enter(ID, round, BOB);
        hub.begin(beacon, ID, round, 2, 2000);
    }

    function reveal(address member, bytes32 value) private {
        cheats.prank(member);
        beacon.reveal(address(hub), ID, value);
    }

    function share(address member, bytes32 value) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(member, value)));
    }

    function expected(uint32 round, uint256 sum, uint32 present) private view returns (bytes32) {
        bytes32 domain = keccak256("fedproof/beacon/commit-reveal/1");
        return keccak256(abi.encode(domain, block.chainid, beacon, hub, ID, round, RANDAO, sum, present));
    }

    function seedOf(uint32 round) private view returns (bool ready, bytes32 value, uint32 present) {
        return beacon.seed(address(hub), ID, round);
    }

    function test_all_reveal() external {
        begun(0);
        reveal(ALICE, nonce("alice", 0));
        (bool ready, bytes32 value, uint32 present) = seedOf(0);
        assertTrue(!ready && value == 0 && present == 1, "one is missing");
        reveal(BOB, nonce("bob", 0));
        (ready, value, present) = seedOf(0);
        assertTrue(ready && present == 2, "all are there");
        uint256 sum;
        unchecked {
            sum = share(ALICE, nonce("alice", 0)) + share(BOB, nonce("bob", 0));
        }
        assertEq(value, expected(0, sum, 2), "value");
        assertTrue(beacon.isPresent(address(hub), ID, 0, ALICE), "alice");
        assertTrue(!beacon.isPresent(address(hub), ID, 0, CAROL), "carol");
        assertTrue(!beacon.isPresent(address(hub), ID, 1, ALICE), "next round");
        // later rounds change nothing
        begun(1);
        (bool again, bytes32 same,) = seedOf(0);
        assertTrue(again && same == value, "fixed for ever");
    }

    function test_order_does_not_matter() external {
        begun(0);
        reveal(BOB, nonce("bob", 0));
        reveal(ALICE, nonce("alice", 0));
        (, bytes32 value,) = seedOf(0);
        uint256 sum;
        unchecked {
            sum = share(ALICE, nonce("alice", 0)) + share(BOB, nonce("bob", 0));
        }
        assertEq(value, expected(0, sum, 2), "value");
    }

    function test_deadline() external {
        begun(0);
        reveal(ALICE, nonce("alice", 0));
        cheats.warp(1999);
        (bool ready,,) = seedOf(0);
        assertTrue(!ready, "not yet");
        cheats.warp(2000);
        bytes32 late = nonce("bob", 0);
        expect(abi.encodeWithSelector(RevealsClosed.selector, 2000));
        reveal(BOB, late);
        (bool done, bytes32 value, uint32 present) = seedOf(0);
        assertTrue(done && present == 1, "whoever revealed in time");
        assertEq(value, expected(0, share(ALICE, nonce("alice", 0)), 1), "value");
        assertTrue(!beacon.isPresent(address(hub), ID, 0, BOB), "bob is absent");
    }

    function test_nobody_reveals() external {
        begun(0);
        cheats.warp(2000);
        (bool ready, bytes32 value, uint32 present) = seedOf(0);
        assertTrue(ready && present == 0, "nobody");
        assertEq(value, expected(0, 0, 0), "prevrandao alone");
        hub.begin(beacon, keccak256("empty"), 0, 0, 3000);
        (ready,,) = beacon.seed(address(hub), keccak256("empty"), 0);
        assertTrue(ready, "nobody to wait for");
    }

    function test_before_and_outside() external {
        (bool ready, bytes32 value, uint32 present) = seedOf(0);
        assertTrue(!ready && value == 0 && present == 0, "not begun");
        bytes32 early = nonce("alice", 0);
        expect(abi.encodeWithSelector(RevealsClosed.selector, 0));
        reveal(ALICE, early);
        begun(0);
        reveal(ALICE, early);
        reveal(BOB, nonce("bob", 0));
        hub.enter(ID, 0, CAROL);
        expect(abi.encodeWithSelector(RevealsClosed.selector, 2000));
        reveal(CAROL, early);
    }

    function test_twice() external {
        begun(0);
        bytes32 first = nonce("alice", 0);
        bytes32 second = nonce("alice", 1);
        reveal(ALICE, first);
        expect(abi.encodeWithSelector(AlreadyRevealed.selector, ALICE));
        reveal(ALICE, first);
        expect(abi.encodeWithSelector(AlreadyRevealed.selector, ALICE));
        reveal(ALICE, second);
    }

    function test_strangers() external {
        begun(0);
        bytes32 hers = nonce("alice", 0);
        expect(abi.encodeWithSelector(NotEntered.selector, CAROL));
        reveal(CAROL, hers);
        // entered, but enrolled with nothing: no value hashes to nothing
        hub.enter(ID, 0, CAROL);
        expect(abi.encodeWithSelector(WrongNonce.selector, CAROL, 1));
        reveal(CAROL, hers);
        // another's nonce
        expect(abi.encodeWithSelector(WrongNonce.selector, BOB, 1));
        reveal(BOB, hers);
    }

    function test_values_of_other_rounds() external {
        begun(0);
        bytes32[3] memory wrong = [nonce("alice", 1), tip("alice"), bytes32(0)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expect(abi.encodeWithSelector(WrongNonce.selector, ALICE, 1));
            reveal(ALICE, wrong[i]);
        }
        reveal(ALICE, nonce("alice", 0));
        begun(1);
        bytes32 old = nonce("alice", 0);
        expect(abi.encodeWithSelector(WrongNonce.selector, ALICE, 1));
        reveal(ALICE, old);
        reveal(ALICE, nonce("alice", 1));
    }

    function test_absent_rounds_are_skipped() external {
        begun(0);
        reveal(ALICE, nonce("alice", 0));
        begun(1);
        begun(2);
        begun(3);
        bytes32 skipped = nonce("alice", 2);
        expect(abi.encodeWithSelector(WrongNonce.selector, ALICE, 3));
        reveal(ALICE, skipped);
        reveal(ALICE, nonce("alice", 3)); // three steps from round 0
        reveal(BOB, nonce("bob", 3)); // four from the tip
        (bool ready,, uint32 present) = seedOf(3);
        assertTrue(ready && present == 2, "both");
        begun(ROUNDS - 1);
        reveal(ALICE, keccak256("alice")); // the root, in the last round
    }

    function test_another_hub_and_task() external {
        begun(0);
        BeaconHub other = new BeaconHub();
        bytes32 value = nonce("alice", 0);
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(RevealsClosed.selector, 0));
        beacon.reveal(address(other), ID, value);
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(RevealsClosed.selector, 0));
        beacon.reveal(address(hub), keccak256("another"), value);
        other.begin(beacon, ID, 0, 1, 2000);
        other.enter(ID, 0, ALICE);
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(WrongNonce.selector, ALICE, 1));
        beacon.reveal(address(other), ID, value);
        // the same rounds of two hubs have different seeds
        cheats.warp(2000);
        (, bytes32 here,) = seedOf(0);
        (, bytes32 there,) = beacon.seed(address(other), ID, 0);
        assertTrue(here != there, "seeds of two hubs");
    }

    function test_rounds_begin_once() external {
        begun(1);
        expect(abi.encodeWithSelector(RoundAlreadyBegun.selector, 1));
        hub.begin(beacon, ID, 1, 2, 9000);
        expect(abi.encodeWithSelector(RoundAlreadyBegun.selector, 0));
        hub.begin(beacon, ID, 0, 2, 9000);
        assertEq(beacon.roundsBegun(address(hub), ID), 2, "begun");
    }

    /// A tip enrolled while the round is under way counts from the next one on: no choice after the others have revealed.
    function test_a_new_tip_waits() external {
        begun(0);
        hub.enrol(beacon, ID, ALICE, tip("fresh"));
        hub.enrol(beacon, ID, ALICE, tip("fresher"));
        bytes32 chosen = nonce("fresher", 0);
        expect(abi.encodeWithSelector(WrongNonce.selector, ALICE, 1));
        reveal(ALICE, chosen);
        reveal(ALICE, nonce("alice", 0));
        cheats.roll(12);
        begun(1);
        bytes32 old = nonce("alice", 1);
        expect(abi.encodeWithSelector(WrongNonce.selector, ALICE, 2));
        reveal(ALICE, old);
        reveal(ALICE, nonce("fresher", 1));
        reveal(BOB, nonce("bob", 1));
        begun(2);
        reveal(ALICE, nonce("fresher", 2));
    }

    /// A tip that was enrolled in the block in which the round begins could have been chosen with prevrandao known.
    function test_a_tip_of_the_same_block_is_not_added() external {
        hub.enrol(beacon, ID, ALICE, tip("chosen"));
        begun(0);
        reveal(ALICE, nonce("chosen", 0));
        reveal(BOB, nonce("bob", 0));
        (bool ready, bytes32 value, uint32 present) = seedOf(0);
        assertTrue(ready && present == 2, "she is present");
        assertEq(value, expected(0, share(BOB, nonce("bob", 0)), 2), "her nonce is not in the seed");
        cheats.roll(12);
        begun(1);
        reveal(ALICE, nonce("chosen", 1));
        reveal(BOB, nonce("bob", 1));
        (, value,) = seedOf(1);
        uint256 sum;
        unchecked {
            sum = share(ALICE, nonce("chosen", 1)) + share(BOB, nonce("bob", 1));
        }
        assertEq(value, expected(1, sum, 2), "in the next round it is");
    }

    function test_prevrandao_is_that_of_the_beginning() external {
        begun(0);
        cheats.prevrandao(keccak256("later"));
        reveal(ALICE, nonce("alice", 0));
        reveal(BOB, nonce("bob", 0));
        (, bytes32 value,) = seedOf(0);
        uint256 sum;
        unchecked {
            sum = share(ALICE, nonce("alice", 0)) + share(BOB, nonce("bob", 0));
        }
        assertEq(value, expected(0, sum, 2), "value");
    }

    /// Presence is kept as bits: none stands for another round.
    function test_presence_of_many_rounds() external {
        bytes32 id = keccak256("many");
        hub.enrol(beacon, id, ALICE, hashed(keccak256("root"), 520));
        cheats.roll(12);
        uint32[5] memory rounds = [uint32(0), 255, 256, 257, 512];
        for (uint256 i = 0; i < rounds.length; ++i) {
            uint32 round = rounds[i];
            hub.enter(id, round, ALICE);
            hub.begin(beacon, id, round, 2, 2000);
            bytes32 value = hashed(keccak256("root"), 519 - round);
            cheats.prank(ALICE);
            beacon.reveal(address(hub), id, value);
            cheats.prank(ALICE);
            expect(abi.encodeWithSelector(AlreadyRevealed.selector, ALICE));
            beacon.reveal(address(hub), id, value);
        }
        uint256 present = 0;
        for (uint32 round = 0; round < 1025; ++round) {
            if (beacon.isPresent(address(hub), id, round, ALICE)) ++present;
        }
        assertEq(present, rounds.length, "as many as revealed");
        assertTrue(!beacon.isPresent(address(hub), id, 1 << 31, ALICE), "far away");
    }

    function test_long_chains() external {
        bytes32 id = keccak256("long");
        uint32 last = uint32(beacon.MAX_STEPS()) - 1;
        hub.enrol(beacon, id, ALICE, hashed(keccak256("root"), beacon.MAX_STEPS()));
        cheats.roll(12);
        hub.enter(id, last, ALICE);
        hub.begin(beacon, id, last, 2, 2000);
        uint256 before = gasleft();
        cheats.prank(ALICE);
        beacon.reveal(address(hub), id, keccak256("root"));
        assertTrue(before - gasleft() < 7_000_000, "gas of the longest way");
        hub.enter(id, last + 1, BOB);
        hub.enrol(beacon, id, BOB, tip("bob"));
        hub.begin(beacon, id, last + 1, 2, 2000);
        cheats.prank(BOB);
        expect(abi.encodeWithSelector(TooManySteps.selector, uint256(last) + 2));
        beacon.reveal(address(hub), id, keccak256("bob"));
    }
}
