// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {PrecompileFailed, NotOnCurve} from "../../src/verifier/Errors.sol";
import "../../src/protocol/HubErrors.sol";
import {HubBase} from "./HubBase.sol";

/// Bonded tasks: claims, demands, verdicts.
contract ClaimsTest is HubBase {
    address private constant EVE = address(0xE7E);

    function refuseExpiry(bytes32 id, bytes memory proof, bytes memory reason) private {
        bytes memory points_ = update(what[0]);
        expect(reason);
        hub.expire(id, 0, by[0], points_, keccak256(proof));
    }

    function test_claimsThatNobodyQuestionsAreAccepted() public {
        bytes32 id = begun(bonded(), 3);
        for (uint256 k = 1; k <= 3; ++k) {
            submitClaim(id, k, k, false);
        }
        hub.advance(id);
        assertPhase(id, Phase.Challenging);
        expect(abi.encodeWithSelector(TooEarly.selector, progress(id).deadline));
        hub.advance(id);
        pass(id);
        assertPhase(id, Phase.Closing);
        close(id, points(300, NW));
        assertEq(hub.due(id, member(1)), 333, "accepted");
    }

    function test_aFalseClaimIsRemovedItsBondLostAndTheSumWithoutIt() public {
        bytes32 id = begun(bonded(), 3);
        submitClaim(id, 1, 1, false);
        bytes memory lie = submitClaim(id, 2, 50, true);
        submitClaim(id, 3, 3, false);
        assertEq(progress(id).entering, 3, "all enter round 1");
        settle(id, 1, 2, lie, EVE);
        assertEq(vault.stakeOf(id, member(2)), 5000, "the bond is lost");
        assertEq(vault.stakeOf(id, member(1)), 10_000, "no other");
        assertEq(progress(id).removed, 1, "removed");
        assertEq(progress(id).entering, 2, "not in round 1");
        bytes memory points_ = update(2);
        cheats.prank(member(2));
        expect(abi.encodeWithSelector(AlreadySubmitted.selector, 0));
        hub.submitClaim(id, points_, "again", false);
        hub.advance(id);
        pass(id);
        (bytes memory members, bytes memory updates) = packed();
        bytes memory next = points(300, NW);
        bytes memory sum = bytes.concat(multiple(4), multiple(6));
        bytes memory proof = closeProof(id, CLOSER, sum, next, 2);
        cheats.prank(CLOSER);
        hub.close(id, "", members, updates, next, "weights", proof);
        assertEq(hub.due(id, member(1)), 1500, "and a part of the bond");
        assertEq(hub.due(id, member(2)), 0, "nothing for a lie");
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(2)));
        hub.reportAbsent(id, 0, member(2));
    }

    function test_aDemandIsAnsweredForItsDeposit() public {
        bytes32 id = begun(bonded(), 3);
        bytes memory proof = submitClaim(id, 1, 1, false);
        fund(EVE, 70);
        demand(id, 0, proof, EVE);
        fund(CLOSER, 70);
        bytes memory points_ = update(1);
        cheats.prank(CLOSER);
        expect(ClaimSettled.selector);
        hub.demand(id, 0, member(1), points_, keccak256(proof));
        settle(id, 0, 1, proof, CLOSER);
        assertEq(hub.due(id, CLOSER), 70, "for the answer");
        assertEq(hub.due(id, EVE), 0, "it held");
        assertEq(vault.stakeOf(id, member(1)), 10_000, "no penalty");
        assertEq(progress(id).removed, 0, "held");
        bytes memory data = dataset(1);
        bytes32 dataId = datasetId(id, member(1), data);
        bytes memory from = start();
        expect(ClaimSettled.selector);
        hub.settle(id, 0, member(1), from, dataId, data, points_, proof);
    }

    function test_anAnswerHasItsFullWindow() public {
        bytes32 id = begun(bonded(), 3);
        bytes memory proof = submitClaim(id, 1, 1, false);
        submitClaim(id, 2, 2, false);
        submitClaim(id, 3, 3, false);
        hub.advance(id);
        fund(EVE, 140);
        uint64 deadline = progress(id).deadline;
        cheats.warp(deadline - 1);
        demand(id, 0, proof, EVE);
        cheats.warp(deadline);
        bytes memory points_ = update(2);
        bytes32 second = keccak256(trainingProof(id, 2, start(), 2));
        cheats.prank(EVE);
        expect(abi.encodeWithSelector(TooLate.selector, deadline));
        hub.demand(id, 1, member(2), points_, second);
        expect(abi.encodeWithSelector(DemandsOpen.selector, 1));
        hub.advance(id);
        cheats.warp(deadline + 598);
        points_ = update(1);
        expect(abi.encodeWithSelector(TooEarly.selector, deadline + 599));
        hub.expire(id, 0, member(1), points_, keccak256(proof));
        settle(id, 0, 1, proof, member(1));
        hub.advance(id);
        assertPhase(id, Phase.Closing);
    }

    function test_withoutAnAnswerTheClaimIsRemovedAndTheDepositComesBack() public {
        bytes32 id = begun(bonded(), 3);
        bytes memory proof = submitClaim(id, 1, 1, false);
        submitClaim(id, 2, 2, false);
        submitClaim(id, 3, 3, false);
        refuseExpiry(id, proof, abi.encodeWithSelector(NotDemanded.selector));
        fund(EVE, 70);
        demand(id, 0, proof, EVE);
        hub.advance(id);
        cheats.warp(block.timestamp + 600);
        expire(id, 0, proof);
        assertEq(hub.due(id, EVE), 70, "the deposit");
        assertEq(vault.stakeOf(id, member(1)), 5000, "the bond");
        assertEq(progress(id).removed, 1, "removed");
        hub.advance(id);
        assertPhase(id, Phase.Closing);
        refuseExpiry(id, proof, abi.encodeWithSelector(WrongPhase.selector, Phase.Challenging, Phase.Closing));
    }

    function test_tooFewClaimsThatHoldCancel() public {
        bytes32 id = begun(bonded(), 2);
        submitClaim(id, 1, 1, false);
        bytes memory lie = submitClaim(id, 2, 2, true);
        hub.advance(id);
        settle(id, 1, 2, lie, EVE);
        pass(id);
        assertPhase(id, Phase.Cancelled);
        assertEq(hub.due(id, member(1)), 500 + 2000, "nobody challenged it in time");
        assertEq(hub.due(id, member(2)), 0, "nothing for a lie");
    }

    function test_claimsOfARoundThatEndsBeforeTheirChallengeAreNotPaid() public {
        bytes32 id = begun(bonded(), 3);
        submitClaim(id, 1, 1, true);
        pass(id);
        assertPhase(id, Phase.Cancelled);
        assertEq(hub.due(id, member(1)), 0, "never verified");
    }

    function test_demandsOfACancelledRoundComeBack() public {
        bytes32 id = begun(bonded(), 3);
        bytes memory proof = submitClaim(id, 1, 1, false);
        fund(EVE, 70);
        demand(id, 0, proof, EVE);
        router.stopAll();
        cheats.warp(block.timestamp + 600);
        refuseExpiry(id, proof, abi.encodeWithSelector(VerifierStopped.selector));
        hub.cancel(id);
        expire(id, 0, proof);
        assertEq(claim(id, EVE), 70, "the deposit");
        assertEq(vault.stakeOf(id, member(1)), 10_000, "no verdict, no penalty");
        refuseExpiry(id, proof, abi.encodeWithSelector(NotDemanded.selector));
    }

    function test_openDemandsCannotKeepTheTask() public {
        bytes32 id = begun(bonded(), 2);
        bytes memory proof = submitClaim(id, 1, 1, false);
        submitClaim(id, 2, 2, false);
        fund(EVE, 70);
        demand(id, 0, proof, EVE);
        hub.advance(id);
        cheats.warp(progress(id).deadline + 600 + hub.GRACE() - 1);
        expect(abi.encodeWithSelector(DemandsOpen.selector, 1));
        hub.advance(id);
        cheats.warp(block.timestamp + 1);
        hub.advance(id);
        assertPhase(id, Phase.Cancelled);
        expire(id, 0, proof);
        assertEq(hub.due(id, EVE), 70, "the deposit");
    }

    // --- what is no verdict ----------------------------------------------------------------------------------------------

    function test_aFailureThatIsNotTheProofsIsNoVerdict() public {
        bytes32 id = begun(bonded(), 2);
        bytes memory proof = submitClaim(id, 1, 1, false);
        bytes memory data = dataset(1);
        bytes32 dataId = datasetId(id, member(1), data);
        (bytes memory from, bytes memory points_) = (start(), update(1));
        router.breakDown(false);
        expect(abi.encodeWithSelector(NoVerdict.selector, abi.encodeWithSelector(PrecompileFailed.selector)));
        hub.settle(id, 0, member(1), from, dataId, data, points_, proof);
        router.breakDown(true);
        expect(abi.encodeWithSelector(NoVerdict.selector, bytes("")));
        hub.settle(id, 0, member(1), from, dataId, data, points_, proof);
        assertEq(vault.stakeOf(id, member(1)), 10_000, "untouched");
    }

    function test_tooLittleGasIsNoVerdict() public {
        bytes32 id = begun(bonded(), 2);
        bytes memory lie = submitClaim(id, 1, 1, true);
        bytes memory data = dataset(1);
        bytes memory call =
            abi.encodeCall(hub.settle, (id, 0, member(1), start(), datasetId(id, member(1), data), data, update(1), lie));
        (bool ok, bytes memory reason) = address(hub).call{gas: 12_000_000}(call);
        assertTrue(!ok && bytes4(reason) == NotEnoughGas.selector, "12 million before the call are not enough");
        (ok,) = address(hub).call{gas: 12_400_000}(call);
        assertTrue(ok, "and now they are");
    }

    function test_aTrueProofOfAnotherUpdateDoesNotHold() public {
        bytes32 id = begun(bonded(), 2);
        bytes memory proof = trainingProof(id, 1, start(), 9);
        bytes memory points_ = update(1);
        cheats.prank(member(1));
        hub.submitClaim(id, points_, keccak256(proof), false);
        what.push(1);
        settle(id, 0, 1, proof, EVE);
        assertEq(vault.stakeOf(id, member(1)), 5000, "the bond");
    }

    // --- what cannot be claimed or questioned ----------------------------------------------------------------------------

    function test_claimsAreCheckedPoints() public {
        bytes32 id = begun(bonded(), 2);
        cheats.startPrank(member(1));
        expect(abi.encodeWithSelector(WrongPointsLength.selector, 128, 64));
        hub.submitClaim(id, new bytes(64), "proof", false);
        expect(abi.encodeWithSelector(NotOnCurve.selector, 64));
        hub.submitClaim(id, abi.encode(1, 2, 1, 3), "proof", false);
        expect(WrongMode.selector);
        hub.submit(id, "", "", "", "", false);
        router.stopAll();
        expect(VerifierStopped.selector);
        hub.submitClaim(id, abi.encode(1, 2, 1, 2), "proof", false);
    }

    function test_onlyWhatWasClaimedIsQuestioned() public {
        bytes32 id = begun(bonded(), 3);
        bytes memory proof = submitClaim(id, 1, 1, false);
        fund(EVE, 70);
        (bytes memory first, bytes memory second) = (update(1), update(2));
        cheats.startPrank(EVE);
        cheats.expectRevert();
        hub.demand(id, 0, member(2), first, keccak256(proof));
        cheats.expectRevert();
        hub.demand(id, 0, member(1), second, keccak256(proof));
        cheats.expectRevert();
        hub.demand(id, 0, member(1), first, "proof");
        cheats.expectRevert();
        hub.demand(id, 1, member(1), first, keccak256(proof));
        cheats.stopPrank();
        Task memory t = defaults();
        t.salt = "eager";
        bytes32 eager = begun(t, 2);
        bytes32 none = keccak256(abi.encodePacked(member(1), keccak256(first), keccak256(proof)));
        expect(abi.encodeWithSelector(WrongClaim.selector, bytes32(0), none));
        hub.demand(eager, 0, member(1), first, keccak256(proof));
    }

    function test_partsWorkForTheHubAlone() public {
        address parts = address(hub.parts());
        Task memory t = bonded();
        (bool ok, bytes memory reason) = parts.call(abi.encodeCall(hub.open, (t, start())));
        assertTrue(!ok && bytes4(reason) == NotTheHub.selector, "open");
        (ok, reason) = parts.call(abi.encodeCall(hub.cancel, (ID)));
        assertTrue(!ok && bytes4(reason) == NotTheHub.selector, "cancel");
        (ok, reason) = parts.call(abi.encodeCall(hub.demand, (ID, 0, EVE, "", "")));
        assertTrue(!ok && bytes4(reason) == NotTheHub.selector, "demand");
        (ok, reason) = parts.call(abi.encodeCall(hub.expire, (ID, 0, EVE, "", "")));
        assertTrue(!ok && bytes4(reason) == NotTheHub.selector, "expire");
        (ok, reason) = parts.call(abi.encodeCall(hub.settle, (ID, 0, EVE, "", "", "", "", "")));
        assertTrue(!ok && bytes4(reason) == NotTheHub.selector, "settle");
        (ok, reason) = parts.call(abi.encodeCall(hub.reportDouble, (ID, 0, EVE, "a", "", "b", "")));
        assertTrue(!ok && bytes4(reason) == NotTheHub.selector, "reportDouble");
    }
}
