// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {Schedules} from "../../src/protocol/Schedules.sol";
import "../../src/protocol/HubErrors.sol";
import {UnknownTask} from "../../src/protocol/Tasks.sol";
import {HubBase} from "./HubBase.sol";

/// A task from its opening to its last claim.
contract LifecycleTest is HubBase {
    function test_threeRoundsPayEverybodyAndEndWithNothingLeft() public {
        bytes32 id = begun(defaults(), 3);
        for (uint256 round = 0; round < 3; ++round) {
            bytes memory from = round == 0 ? start() : points(300 + round - 1, NW);
            for (uint256 k = 1; k <= 3; ++k) {
                submit(id, k, from, 10 * round + k, false);
            }
            hub.advance(id);
            assertPhase(id, Phase.Closing);
            close(id, points(300 + round, NW));
            if (round < 2) hub.advance(id); // Revealing: all are present
        }
        assertPhase(id, Phase.Finished);
        assertEq(progress(id).start, keccak256(points(302, NW)), "the last model");
        // 1001 / 3 = 333, rest 2; (1001 + 2) / 3 = 334, rest 1; (1001 + 1) / 3 = 334
        for (uint256 k = 1; k <= 3; ++k) {
            assertEq(claim(id, member(k)), 333 + 334 + 334, "rewards");
            assertEq(coin.balanceOf(member(k)), 1001, "balance");
        }
        assertEq(claim(id, CLOSER), 150, "fees");
        assertEq(coin.balanceOf(address(hub)), 0, "nothing left");
        expect(NothingDue.selector);
        hub.claim(id, member(1));
        expect(NothingDue.selector);
        hub.refund(id);
    }

    function test_stakesComeBackAfterTheDelay() public {
        bytes32 id = open(defaults());
        join(id, 1);
        assertEq(vault.stakeOf(id, member(1)), 10_000, "locked");
        cheats.prank(member(1));
        hub.quit(id);
        assertEq(progress(id).entered, 0, "not in round 0");
        assertEq(progress(id).members, 0, "not a member");
        assertEq(vault.withdrawableAt(id, member(1)), block.timestamp + 1000, "longer than all windows");
        cheats.warp(block.timestamp + 1000);
        cheats.prank(member(1));
        vault.withdraw(id);
        assertEq(coin.balanceOf(member(1)), 10_000, "back");
    }

    /// Values of the reference's Program.schedule, for nblocks 16.
    function test_scheduleIsThatOfTheReference() public pure {
        (bytes memory pi, uint256 beta) = Schedules.derive(keccak256("seed"), 16);
        assertEq(keccak256(pi), keccak256(GOLDEN_PI), "pi");
        assertEq(beta, GOLDEN_BETA, "beta");
        (pi, beta) = Schedules.derive(keccak256("seed"), 1);
        assertEq(pi.length + beta, 0, "one block");
    }

    bytes private constant GOLDEN_PI = hex"00020103";
    uint256 private constant GOLDEN_BETA = 5;

    // --- phases and their edges ------------------------------------------------------------------------------------------

    function test_joiningEndsAtItsDeadlineOrWhenFull() public {
        bytes32 id = open(defaults());
        for (uint256 k = 1; k <= 4; ++k) {
            join(id, k);
        }
        cheats.warp(progress(id).deadline - 1);
        expect(abi.encodeWithSelector(TooEarly.selector, progress(id).deadline));
        hub.advance(id);
        join(id, 5);
        hub.advance(id);
        assertPhase(id, Phase.Revealing);
        assertEq(progress(id).entered, 5, "entered");
        assertEq(progress(id).entering, 0, "entering");
    }

    function test_nobodyJoinsAtTheDeadline() public {
        bytes32 id = open(defaults());
        cheats.warp(progress(id).deadline);
        fund(member(1), 10_000);
        bytes memory proof = proofOf("registration", registrationOf(id, member(1), bytes32("tip"), dataset(1)), "");
        bytes memory data = dataset(1);
        uint64 deadline = progress(id).deadline;
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(TooLate.selector, deadline));
        hub.join(id, bytes32("tip"), data, proof, "");
    }

    function test_tooFewMembersCancel() public {
        bytes32 id = open(defaults());
        join(id, 1);
        pass(id);
        assertPhase(id, Phase.Cancelled);
        hub.refund(id);
        assertEq(coin.balanceOf(SPONSOR), 3 * 1051, "all of it");
        expect(abi.encodeWithSelector(TaskOver.selector, Phase.Cancelled));
        hub.advance(id);
    }

    function test_revealingWaitsForTheBeaconUntilTheDeadline() public {
        beacon.setLate(true);
        bytes32 id = open(defaults());
        join(id, 1);
        join(id, 2);
        pass(id);
        assertPhase(id, Phase.Revealing);
        expect(abi.encodeWithSelector(TooEarly.selector, progress(id).deadline));
        hub.advance(id);
        pass(id);
        assertPhase(id, Phase.Cancelled);
    }

    function test_tooFewNoncesCancel() public {
        bytes32 id = open(defaults());
        join(id, 1);
        join(id, 2);
        pass(id);
        beacon.miss(0, member(1));
        hub.advance(id);
        assertPhase(id, Phase.Cancelled);
    }

    function test_submittingEndsAtItsDeadlineOrWhenAllPresentHaveSubmitted() public {
        bytes32 id = open(defaults());
        for (uint256 k = 1; k <= 3; ++k) {
            join(id, k);
        }
        pass(id);
        beacon.miss(0, member(3));
        hub.advance(id);
        submit(id, 1, 1);
        expect(abi.encodeWithSelector(TooEarly.selector, progress(id).deadline));
        hub.advance(id);
        submit(id, 2, 2);
        hub.advance(id);
        assertPhase(id, Phase.Closing);
    }

    function test_nobodySubmitsAtTheDeadline() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, 1);
        submit(id, 2, 2);
        cheats.warp(progress(id).deadline - 1);
        bytes memory proof = trainingProof(id, 3, start(), 3);
        bytes32 dataId = datasetId(id, member(3), dataset(3));
        (bytes memory from, bytes memory data, uint64 deadline) = (start(), dataset(3), progress(id).deadline);
        cheats.warp(deadline);
        cheats.prank(member(3));
        expect(abi.encodeWithSelector(TooLate.selector, deadline));
        hub.submit(id, from, dataId, data, proof, false);
        hub.advance(id);
        assertPhase(id, Phase.Closing);
        close(id, points(300, NW));
        assertEq(hub.due(id, member(1)), 500, "half of 1001");
        assertEq(hub.due(id, member(3)), 0, "nothing");
    }

    function test_tooFewUpdatesCancelAndAcceptedOnesArePaid() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 2, 1);
        pass(id);
        assertPhase(id, Phase.Cancelled);
        assertEq(claim(id, member(2)), 500, "as if minAccepted had come");
        hub.refund(id);
        assertEq(coin.balanceOf(SPONSOR), 3 * 1051 - 500, "the rest");
    }

    function test_nobodyClosesAtTheDeadlineAndAcceptedUpdatesArePaid() public {
        bytes32 id = begun(defaults(), 3);
        for (uint256 k = 1; k <= 3; ++k) {
            submit(id, k, k);
        }
        hub.advance(id);
        uint64 deadline = progress(id).deadline;
        (bytes memory members, bytes memory updates) = packed();
        cheats.warp(deadline - 1);
        expect(abi.encodeWithSelector(TooEarly.selector, deadline));
        hub.advance(id);
        cheats.warp(deadline);
        expect(abi.encodeWithSelector(TooLate.selector, deadline));
        hub.accumulate(id, "", members, updates);
        hub.advance(id);
        assertPhase(id, Phase.Cancelled);
        assertEq(claim(id, member(1)) + claim(id, member(2)) + claim(id, member(3)), 999, "333 each");
        hub.refund(id);
        assertEq(coin.balanceOf(address(hub)), 0, "nothing left");
    }

    function test_aBeaconThatFailsCannotKeepTheTask() public {
        bytes32 id = open(defaults());
        join(id, 1);
        join(id, 2);
        beacon.fail(true);
        cheats.warp(progress(id).deadline);
        cheats.expectRevert();
        hub.advance(id);
        cheats.warp(progress(id).deadline + hub.GRACE());
        hub.advance(id);
        assertPhase(id, Phase.Cancelled);
        hub.refund(id);
    }

    function test_whenTheVerifierIsStoppedAnybodyCancels() public {
        bytes32 id = begun(defaults(), 2);
        submit(id, 1, 1);
        expect(abi.encodeWithSelector(NotSponsor.selector, SPONSOR, address(this)));
        hub.cancel(id);
        router.stopAll();
        hub.cancel(id);
        assertPhase(id, Phase.Cancelled);
        assertEq(hub.due(id, member(1)), 500, "verified before");
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(2)));
        hub.reportAbsent(id, 0, member(2));
    }

    /// Nobody is absent who could not submit.
    function test_whenTheVerifierIsStoppedAdvancingCancelsToo() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, 1);
        submit(id, 2, 2);
        router.stopAll();
        pass(id);
        assertPhase(id, Phase.Cancelled);
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(3)));
        hub.reportAbsent(id, 0, member(3));
    }

    function test_theSponsorCancelsWhileNobodyHasJoined() public {
        bytes32 id = open(defaults());
        join(id, 1);
        cheats.prank(SPONSOR);
        expect(CannotCancel.selector);
        hub.cancel(id);
        cheats.prank(member(1));
        hub.quit(id);
        expect(abi.encodeWithSelector(TaskRunning.selector, Phase.Joining));
        hub.refund(id);
        cheats.prank(SPONSOR);
        hub.cancel(id);
        hub.refund(id);
        assertEq(coin.balanceOf(SPONSOR), 3 * 1051, "refunded");
    }

    function test_unknownTask() public {
        expect(abi.encodeWithSelector(UnknownTask.selector, ID));
        hub.advance(ID);
    }
}
