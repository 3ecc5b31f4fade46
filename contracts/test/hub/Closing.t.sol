// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {OpeningFailed} from "../../src/verifier/Errors.sol";
import "../../src/protocol/HubErrors.sol";
import {HubBase} from "./HubBase.sol";

/// Sums and closes.
contract ClosingTest is HubBase {
    bytes32 private constant WEIGHTS = keccak256("weights");

    function closing(Task memory t) private returns (bytes32 id) {
        id = begun(t, 5);
        for (uint256 k = 1; k <= 5; ++k) {
            submit(id, k, 7 * k);
        }
        hub.advance(id);
    }

    function part(uint256 from, uint256 to) private view returns (bytes memory sum) {
        uint256[] memory ks = new uint256[](to - from);
        for (uint256 i = from; i < to; ++i) {
            ks[i - from] = what[i];
        }
        return sumOf(ks);
    }

    function accumulate(bytes32 id, address who, uint256 from, uint256 to) private {
        bytes memory before = from == 0 ? bytes("") : part(0, from);
        (bytes memory members, bytes memory updates) = packed(from, to);
        cheats.prank(who);
        hub.accumulate(id, before, members, updates);
    }

    function test_inBatches() public {
        bytes32 id = closing(defaults());
        accumulate(id, CLOSER, 0, 2);
        accumulate(id, address(0xBAD), 0, 1); // a sum of its own
        accumulate(id, CLOSER, 2, 3);
        (bytes memory members, bytes memory updates) = packed(3, 5);
        bytes memory next = points(300, NW);
        bytes memory proof = closeProof(id, CLOSER, part(0, 5), next, 5);
        bytes memory before = part(0, 3);
        cheats.prank(CLOSER);
        hub.close(id, before, members, updates, next, WEIGHTS, proof);
        assertEq(progress(id).round, 1, "next round");
        assertEq(hub.due(id, member(1)), 200, "1001 / 5");
    }

    function test_theSumIsHeldAgainstWhatWasAccumulated() public {
        bytes32 id = closing(defaults());
        accumulate(id, CLOSER, 0, 2);
        (bytes memory members, bytes memory updates) = packed(2, 5);
        bytes memory other = points(1, NW);
        bytes32 kept = keccak256(part(0, 2));
        cheats.prank(CLOSER);
        expect(abi.encodeWithSelector(WrongSum.selector, kept, keccak256(other)));
        hub.accumulate(id, other, members, updates);
        bytes memory before = part(0, 2);
        cheats.prank(SPONSOR);
        expect(abi.encodeWithSelector(WrongSum.selector, bytes32(0), kept));
        hub.accumulate(id, before, members, updates);
        // an empty sum begins anew
        accumulate(id, CLOSER, 0, 1);
        accumulate(id, CLOSER, 1, 5);
        bytes memory next = points(300, NW);
        bytes memory proof = closeProof(id, CLOSER, part(0, 5), next, 5);
        before = part(0, 5);
        cheats.prank(CLOSER);
        hub.close(id, before, "", "", next, WEIGHTS, proof);
        assertEq(progress(id).round, 1, "next round");
    }

    function test_aSumOfAnEarlierRoundIsWorthless() public {
        bytes32 id = closing(defaults());
        accumulate(id, CLOSER, 0, 2);
        bytes memory before = part(0, 2);
        bytes memory model = points(300, NW);
        closeAs(id, SPONSOR, model);
        hub.advance(id);
        for (uint256 k = 1; k <= 5; ++k) {
            submit(id, k, model, k, false);
        }
        hub.advance(id);
        (bytes memory members, bytes memory updates) = packed(2, 5);
        cheats.prank(CLOSER);
        expect(abi.encodeWithSelector(WrongSum.selector, bytes32(0), keccak256(before)));
        hub.accumulate(id, before, members, updates);
    }

    function closeAs(bytes32 id, address closer, bytes memory next) private {
        (bytes memory members, bytes memory updates) = packed();
        bytes memory proof = closeProof(id, closer, sumOf(what), next, by.length);
        cheats.startPrank(closer);
        hub.close(id, "", members, updates, next, WEIGHTS, proof);
        cheats.stopPrank();
        (by, what) = (new address[](0), new uint256[](0));
    }

    function test_allSubmissionsAndNoOthers() public {
        bytes32 id = closing(defaults());
        (bytes memory members, bytes memory updates) = packed(0, 4);
        cheats.startPrank(CLOSER);
        expect(abi.encodeWithSelector(WrongCount.selector, 5, 4));
        hub.close(id, "", members, updates, "", WEIGHTS, "");
        (members, updates) = packed(0, 5);
        (bytes memory more, bytes memory moreUpdates) = (abi.encodePacked(members, member(1)), bytes.concat(updates, update(1)));
        expect(abi.encodeWithSelector(WrongCount.selector, 5, 6));
        hub.close(id, "", more, moreUpdates, "", WEIGHTS, "");
        expect(abi.encodeWithSelector(WrongPointsLength.selector, 640, 641));
        hub.close(id, "", members, bytes.concat(updates, hex"00"), "", WEIGHTS, "");
        expect(abi.encodeWithSelector(WrongPointsLength.selector, 100, 101));
        hub.close(id, "", bytes.concat(members, hex"00"), updates, "", WEIGHTS, "");
        what[2] = 22;
        (members, updates) = packed(0, 5);
        cheats.expectRevert(); // WrongRoll: another update
        hub.close(id, "", members, updates, "", WEIGHTS, "");
        (what[2], by[0], by[1]) = (21, by[1], by[0]);
        (members, updates) = packed(0, 5);
        cheats.expectRevert(); // WrongRoll: other members
        hub.close(id, "", members, updates, "", WEIGHTS, "");
    }

    function test_wrongRollIsNamed() public {
        bytes32 id = closing(defaults());
        bytes32 roll = 0;
        for (uint256 i = 0; i < 5; ++i) {
            roll = keccak256(abi.encodePacked(roll, by[i], update(what[i])));
        }
        assertEq(progress(id).roll, roll, "roll");
        what[4] = 1;
        (bytes memory members, bytes memory updates) = packed();
        bytes32 got = 0;
        for (uint256 i = 0; i < 5; ++i) {
            got = keccak256(abi.encodePacked(got, by[i], update(what[i])));
        }
        expect(abi.encodeWithSelector(WrongRoll.selector, roll, got));
        hub.close(id, "", members, updates, "", WEIGHTS, "");
    }

    function test_theProofIsTheClosersAndOfThisSum() public {
        bytes32 id = closing(defaults());
        bytes memory next = points(300, NW);
        bytes memory failed = abi.encodePacked(OpeningFailed.selector);
        refuseClose(id, next, closeProof(id, SPONSOR, part(0, 5), next, 5), failed);
        refuseClose(id, next, closeProof(id, CLOSER, part(0, 4), next, 5), failed);
        bytes memory proof = closeProof(id, CLOSER, part(0, 5), next, 4);
        refuseClose(id, next, proof, failed);
        refuseClose(id, new bytes(64), proof, abi.encodeWithSelector(WrongPointsLength.selector, 128, 64));
        // a verifier that answered for another model
        proof = closeProof(id, CLOSER, part(0, 5), next, 5);
        proof[40] = ~proof[40];
        bytes memory answered = points(300, NW);
        answered[8] = ~answered[8];
        refuseClose(id, next, proof, abi.encodeWithSelector(WrongPoints.selector, keccak256(answered), keccak256(next)));
    }

    function refuseClose(bytes32 id, bytes memory next, bytes memory proof, bytes memory reason) private {
        (bytes memory members, bytes memory updates) = packed();
        cheats.prank(CLOSER);
        cheats.expectRevert(reason);
        hub.close(id, "", members, updates, next, WEIGHTS, proof);
    }

    function test_onlyTheAggregatorCloses() public {
        Task memory t = defaults();
        t.aggregator = CLOSER;
        bytes32 id = closing(t);
        (bytes memory members, bytes memory updates) = packed();
        expect(abi.encodeWithSelector(NotAggregator.selector, CLOSER, address(this)));
        hub.accumulate(id, "", members, updates);
        expect(abi.encodeWithSelector(NotAggregator.selector, CLOSER, address(this)));
        hub.close(id, "", members, updates, "", WEIGHTS, "");
        close(id, points(300, NW));
    }

    function test_nothingClosesBeforeClosing() public {
        bytes32 id = begun(defaults(), 2);
        expect(abi.encodeWithSelector(WrongPhase.selector, Phase.Closing, Phase.Submitting));
        hub.close(id, "", "", "", "", WEIGHTS, "");
        expect(abi.encodeWithSelector(WrongPhase.selector, Phase.Closing, Phase.Submitting));
        hub.accumulate(id, "", "", "");
    }

    /// The identity, and points that cancel, add up like any other.
    function test_theIdentityIsAnUpdate() public {
        bytes32 id = begun(defaults(), 2);
        submit(id, 1, 0);
        submit(id, 2, 21888242871839275222246405745257275088548364400416034343698204186575808495616); // r - 1
        hub.advance(id);
        close(id, points(300, NW));
        assertEq(progress(id).round, 1, "closed");
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_theSumIsThatOfTheAccepted(uint64[5] calldata ks, uint8 lies) public {
        bytes32 id = begun(bonded(), 5);
        bytes[] memory proofs = new bytes[](5);
        uint256 accepted = 0;
        uint256 total = 0;
        for (uint256 k = 1; k <= 5; ++k) {
            bool lie = (lies >> k) & 1 == 1;
            proofs[k - 1] = submitClaim(id, k, ks[k - 1], lie);
            if (!lie) (accepted, total) = (accepted + 1, total + ks[k - 1]);
        }
        for (uint256 k = 1; k <= 5; ++k) {
            settle(id, uint32(k - 1), k, proofs[k - 1], SPONSOR);
        }
        hub.advance(id);
        pass(id);
        if (accepted < 2) return assertPhase(id, Phase.Cancelled);
        (bytes memory members, bytes memory updates) = packed();
        bytes memory next = points(300, NW);
        bytes memory sum = bytes.concat(multiple(total), multiple(total + accepted));
        bytes memory proof = closeProof(id, CLOSER, sum, next, accepted);
        cheats.prank(CLOSER);
        hub.close(id, "", members, updates, next, WEIGHTS, proof);
        for (uint256 k = 1; k <= 5; ++k) {
            bool lie = (lies >> k) & 1 == 1;
            assertEq(hub.due(id, member(k)), lie ? 0 : (1001 + 2000 * (5 - accepted)) / accepted, "due");
        }
    }
}
