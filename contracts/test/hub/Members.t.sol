// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGate} from "../../src/interfaces/IGate.sol";
import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {OpeningFailed} from "../../src/verifier/Errors.sol";
import "../../src/protocol/HubErrors.sol";
import {HubBase} from "./HubBase.sol";

/// Everybody is the same person.
contract OnePerson is IGate {
    function admit(bytes32, address, bytes calldata) external pure returns (bytes32) {
        return bytes32("the person");
    }
}

/// Joining, entering, leaving, faults.
contract MembersTest is HubBase {
    // --- joining ---------------------------------------------------------------------------------------------------------

    function test_aPersonJoinsOnce() public {
        Task memory t = defaults();
        t.gate = new OnePerson();
        bytes32 id = open(t);
        join(id, 1);
        fund(member(2), 10_000);
        bytes memory proof = proofOf("registration", registrationOf(id, member(2), bytes32("tip"), dataset(2)), "");
        bytes memory data = dataset(2);
        cheats.prank(member(2));
        expect(abi.encodeWithSelector(PersonTaken.selector, member(1)));
        hub.join(id, bytes32("tip"), data, proof, "");
    }

    function test_aDatasetIsRegisteredByOneMember() public {
        bytes32 id = open(defaults());
        join(id, 1);
        fund(member(2), 10_000);
        bytes memory data = dataset(1);
        bytes memory proof = proofOf("registration", registrationOf(id, member(2), bytes32("tip"), data), "");
        cheats.prank(member(2));
        expect(abi.encodeWithSelector(DatasetTaken.selector, member(1)));
        hub.join(id, bytes32("tip"), data, proof, "");
    }

    function test_aRegistrationIsTheSendersOwn() public {
        bytes32 id = open(defaults());
        fund(member(2), 10_000);
        bytes memory data = dataset(1);
        bytes memory proof = proofOf("registration", registrationOf(id, member(1), bytes32("tip"), data), "");
        cheats.prank(member(2));
        expect(OpeningFailed.selector);
        hub.join(id, bytes32("tip"), data, proof, "");
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(WrongPointsLength.selector, ND * 64, ND * 64 + 1));
        hub.join(id, bytes32("tip"), bytes.concat(data, hex"00"), proof, "");
        assertEq(beacon.tips(member(1)), 0, "nobody enrolled");
    }

    function test_seatsAreLimited() public {
        Task memory t = defaults();
        t.maxMembers = 2;
        bytes32 id = open(t);
        join(id, 1);
        join(id, 2);
        fund(member(3), 10_000);
        bytes memory data = dataset(3);
        bytes memory proof = proofOf("registration", registrationOf(id, member(3), bytes32("tip"), data), "");
        cheats.prank(member(3));
        expect(abi.encodeWithSelector(TaskFull.selector, 2));
        hub.join(id, bytes32("tip"), data, proof, "");
        cheats.prank(member(1));
        hub.quit(id);
        joinWith(id, member(3), data);
        assertEq(progress(id).entered, 2, "1 made room");
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(TaskFull.selector, 2));
        hub.enter(id);
    }

    function test_whoJoinsDuringARoundIsInTheNext() public {
        bytes32 id = begun(defaults(), 2);
        join(id, 3);
        assertTrue(hub.entered(id, 1, member(3)) && !hub.entered(id, 0, member(3)), "from round 1");
        bytes memory proof = trainingProof(id, 3, start(), 3);
        (bytes memory from, bytes memory data) = (start(), dataset(3));
        bytes32 dataId = datasetId(id, member(3), data);
        cheats.prank(member(3));
        expect(abi.encodeWithSelector(NotInRound.selector, 0, member(3)));
        hub.submit(id, from, dataId, data, proof, false);
        submit(id, 1, 1);
        submit(id, 2, 2);
        hub.advance(id);
        close(id, points(300, NW));
        assertEq(progress(id).entered, 3, "round 1 has all three");
        hub.advance(id);
        submit(id, 3, points(300, NW), 3, false);
    }

    function test_inTheLastRoundNobodyJoins() public {
        Task memory t = defaults();
        t.rounds = 1;
        bytes32 id = begun(t, 2);
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(NoFurtherRound.selector, 1));
        hub.enter(id);
    }

    function test_anotherDatasetCountsFromTheNextRound() public {
        bytes32 id = begun(defaults(), 2);
        joinWith(id, member(1), dataset(7));
        joinWith(id, member(1), dataset(8)); // replaces the one that was never used
        assertEq(vault.stakeOf(id, member(1)), 10_000, "one stake");
        assertEq(progress(id).members, 2, "one seat");
        assertEq(progress(id).entering, 0, "its update will bring it into round 1");
        submit(id, 1, 1); // with dataset 1
        joinWith(id, member(1), dataset(9));
        submit(id, 2, 2);
        hub.advance(id);
        close(id, points(300, NW));
        hub.advance(id);
        bytes memory proof = trainingProof(id, 1, points(300, NW), 3);
        (bytes memory from, bytes memory data) = (points(300, NW), dataset(1));
        bytes32 dataId = datasetId(id, member(1), data);
        bytes32 expected = keccak256(abi.encodePacked(datasetId(id, member(1), dataset(9)), dataset(9)));
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(WrongDataset.selector, expected, keccak256(abi.encodePacked(dataId, data))));
        hub.submit(id, from, dataId, data, proof, false);

        data = dataset(9);
        dataId = datasetId(id, member(1), data);
        proof = proofOf("training", trainingOf(id, member(1), from, dataId, data), update(3));
        cheats.prank(member(1));
        hub.submit(id, from, dataId, data, proof, false);
    }

    // --- submitting ------------------------------------------------------------------------------------------------------

    function test_oneUpdateARound() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, 1);
        (bytes memory from, bytes memory data) = (start(), dataset(1));
        bytes32 dataId = datasetId(id, member(1), data);
        bytes memory proof = trainingProof(id, 1, from, 1);
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(AlreadySubmitted.selector, 0));
        hub.submit(id, from, dataId, data, proof, false);
        cheats.prank(member(1));
        expect(WrongMode.selector);
        hub.submitClaim(id, from, dataId, false);
    }

    function test_aProofIsForItsMemberRoundAndModel() public {
        bytes32 id = begun(defaults(), 3);
        bytes memory proof = trainingProof(id, 1, start(), 1);
        (bytes memory from, bytes memory data) = (start(), dataset(2));
        bytes32 dataId = datasetId(id, member(2), data);
        cheats.prank(member(2));
        expect(OpeningFailed.selector);
        hub.submit(id, from, dataId, data, proof, false);
        from = points(101, NW);
        bytes32 expected = progress(id).start;
        cheats.prank(member(2));
        expect(abi.encodeWithSelector(WrongPoints.selector, expected, keccak256(from)));
        hub.submit(id, from, dataId, data, proof, false);
    }

    /// A verifier that was stopped after the task was opened accepts nothing, whatever it would say.
    function test_nobodySubmitsToAStoppedVerifier() public {
        bytes32 id = begun(defaults(), 3);
        router.stopAll();
        bytes memory proof = trainingProof(id, 1, start(), 1);
        (bytes memory from, bytes memory data) = (start(), dataset(1));
        bytes32 dataId = datasetId(id, member(1), data);
        cheats.prank(member(1));
        expect(VerifierStopped.selector);
        hub.submit(id, from, dataId, data, proof, false);
    }

    /// An update has as many points as a model, whatever a verifier answers.
    function test_anUpdateOfAnotherLengthIsRejected() public {
        bytes32 id = begun(defaults(), 3);
        for (uint256 n = 0; n < 2 * NW; ++n) {
            if (n != NW) refusePoints(id, points(1, n));
        }
    }

    function refusePoints(bytes32 id, bytes memory answer) private {
        (bytes memory from, bytes memory data) = (start(), dataset(1));
        bytes32 dataId = datasetId(id, member(1), data);
        bytes memory proof = proofOf("training", trainingOf(id, member(1), from, dataId, data), answer);
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(WrongPointsLength.selector, 64 * NW, 0));
        hub.submit(id, from, dataId, data, proof, false);
    }

    function test_whoIsNotPresentDoesNotSubmit() public {
        bytes32 id = open(defaults());
        for (uint256 k = 1; k <= 3; ++k) {
            join(id, k);
        }
        pass(id);
        beacon.miss(0, member(1));
        hub.advance(id);
        submit(id, 2, 2);
        bytes memory proof = trainingProof(id, 1, start(), 1);
        (bytes memory from, bytes memory data) = (start(), dataset(1));
        bytes32 dataId = datasetId(id, member(1), data);
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(NotPresent.selector, 0, member(1)));
        hub.submit(id, from, dataId, data, proof, false);
    }

    function test_leaving() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, start(), 1, true);
        submit(id, 2, 2);
        assertEq(progress(id).entering, 1, "member 2");
        cheats.prank(member(1));
        hub.enter(id);
        assertEq(progress(id).entering, 2, "changed its mind");
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(AlreadyEntered.selector, 1));
        hub.enter(id);
        cheats.prank(member(1));
        hub.quit(id);
        assertEq(progress(id).entering, 1, "and again");
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(AlreadyLeft.selector, member(1)));
        hub.quit(id);
        cheats.prank(member(4));
        expect(abi.encodeWithSelector(NotMember.selector, member(4)));
        hub.quit(id);
        cheats.prank(member(4));
        expect(abi.encodeWithSelector(NotMember.selector, member(4)));
        hub.enter(id);
        // quitting while an update is due: it may still come, and does not enter again
        cheats.prank(member(3));
        hub.quit(id);
        submit(id, 3, 3);
        assertEq(progress(id).entering, 1, "member 2 alone");
    }

    // --- faults ----------------------------------------------------------------------------------------------------------

    function test_anAbsenceIsPunishedOnceAndSharedWithTheHonest() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, 1);
        submit(id, 2, 2);
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(3)));
        hub.reportAbsent(id, 0, member(3));
        pass(id);
        hub.reportAbsent(id, 0, member(3));
        assertEq(vault.stakeOf(id, member(3)), 8000, "absencePenalty");
        expect(abi.encodeWithSelector(AlreadyPunished.selector, 0, member(3)));
        hub.reportAbsent(id, 0, member(3));
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(1)));
        hub.reportAbsent(id, 0, member(1));
        expect(abi.encodeWithSelector(NoFault.selector, 1, member(3)));
        hub.reportAbsent(id, 1, member(3));
        close(id, points(300, NW));
        assertEq(hub.due(id, member(1)), 900, "reward and their part of the penalty");
        fund(member(3), 2000);
        cheats.prank(member(3));
        hub.enter(id);
        assertEq(vault.stakeOf(id, member(3)), 10_000, "topped up");
    }

    function test_whoActsAgainIsPunishedWithoutAReporter() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, 1);
        submit(id, 2, 2);
        pass(id);
        cheats.prank(member(3));
        hub.quit(id);
        assertEq(vault.stakeOf(id, member(3)), 8000, "punished when quitting");
        assertEq(coin.balanceOf(address(0xdEaD)), 1200, "the reporter's part is burned");
        expect(abi.encodeWithSelector(AlreadyPunished.selector, 0, member(3)));
        hub.reportAbsent(id, 0, member(3));
    }

    function test_aNonceWithheldIsPunishedInTheSameRound() public {
        bytes32 id = open(defaults());
        for (uint256 k = 1; k <= 3; ++k) {
            join(id, k);
        }
        pass(id);
        beacon.miss(0, member(3));
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(3)));
        hub.reportAbsent(id, 0, member(3));
        hub.advance(id);
        hub.reportAbsent(id, 0, member(3));
        assertEq(vault.stakeOf(id, member(3)), 9000, "revealPenalty");
        expect(abi.encodeWithSelector(NoFault.selector, 0, member(2)));
        hub.reportAbsent(id, 0, member(2));
        // it may enter the next round at once, and cannot be punished for this one again
        fund(member(3), 1000);
        cheats.prank(member(3));
        hub.enter(id);
        submit(id, 1, 1);
        submit(id, 2, 2);
        pass(id);
        expect(abi.encodeWithSelector(AlreadyPunished.selector, 0, member(3)));
        hub.reportAbsent(id, 0, member(3));
        assertTrue(hub.entered(id, 1, member(3)), "in round 1");
    }

    function test_afterTheTaskThePartOfTheHonestIsBurned() public {
        bytes32 id = begun(defaults(), 3);
        submit(id, 1, 1);
        pass(id);
        assertPhase(id, Phase.Cancelled);
        uint256 before = coin.balanceOf(address(hub));
        hub.reportAbsent(id, 0, member(3));
        assertEq(coin.balanceOf(address(hub)), before, "the sponsor gains nothing");
        assertEq(coin.balanceOf(address(0xdEaD)), 1800, "all but the reporter's part");
    }

    // --- double signatures -----------------------------------------------------------------------------------------------

    function signed(uint256 k, bytes32 id, uint32 round, bytes32 update_) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("fedproof"),
                keccak256("1"),
                block.chainid,
                address(hub)
            )
        );
        bytes32 content = keccak256(abi.encode(keccak256("Update(bytes32 id,uint32 round,bytes32 update)"), id, round, update_));
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(1000 + k, keccak256(abi.encodePacked("\x19\x01", domain, content)));
        return abi.encodePacked(r, s, v);
    }

    function test_twoSignaturesOfOneRoundCostTheStake() public {
        bytes32 id = begun(defaults(), 3);
        (bytes32 one, bytes32 two) = (bytes32("one"), bytes32("two"));
        (bytes memory first, bytes memory second) = (signed(1, id, 0, one), signed(1, id, 0, two));
        expect(SameUpdate.selector);
        hub.reportDouble(id, 0, member(1), one, first, one, first);
        expect(abi.encodeWithSelector(WrongSignature.selector, two));
        hub.reportDouble(id, 0, member(1), one, first, two, first);
        expect(abi.encodeWithSelector(WrongSignature.selector, one));
        hub.reportDouble(id, 1, member(1), one, first, two, second);
        expect(abi.encodeWithSelector(NotMember.selector, member(4)));
        hub.reportDouble(id, 0, member(4), one, first, two, second);
        submit(id, 1, 1);
        assertEq(progress(id).entering, 1, "in round 1");
        hub.reportDouble(id, 0, member(1), one, first, two, second);
        assertEq(vault.stakeOf(id, member(1)), 0, "all of it");
        assertEq(progress(id).entering, 0, "not in round 1 without a stake");
        expect(abi.encodeWithSelector(AlreadyPunished.selector, 0, member(1)));
        hub.reportDouble(id, 0, member(1), two, second, one, first);
    }

    function test_withoutAFullStakeAnUpdateDoesNotEnterTheNextRound() public {
        bytes32 id = begun(defaults(), 3);
        hub.reportDouble(id, 0, member(1), "a", signed(1, id, 0, "a"), "b", signed(1, id, 0, "b"));
        submit(id, 1, 1);
        assertEq(progress(id).entering, 0, "short");
        fund(member(1), 10_000);
        cheats.prank(member(1));
        hub.enter(id);
        assertEq(progress(id).entering, 1, "topped up");
    }
}
