// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Mode} from "../../src/interfaces/IFedHub.sol";
import "../../src/protocol/HubErrors.sol";
import {RealTask} from "./RealTask.sol";

/// Bonded claims that the real verifiers settle.
contract RealClaimsTest is RealTask {
    bytes32 private id;

    function setUp() external {
        deploy("hub-bonded-30-16-2");
        id = submitting(Mode.Bonded);
        coin.mint(ANYBODY, 70);
        cheats.prank(ANYBODY);
        coin.approve(address(hub), 70);
    }

    function submitClaim(uint256 k, bytes memory points, bytes memory file) private {
        send(member(k), abi.encodeCall(hub.submitClaim, (id, points, keccak256(file), false)));
    }

    function demand(uint32 index, uint256 k, bytes memory points, bytes memory file) private {
        send(ANYBODY, abi.encodeCall(hub.demand, (id, index, member(k), points, keccak256(file))));
    }

    function settleCall(uint32 index, uint256 k, bytes memory points, bytes memory file) private view returns (bytes memory) {
        return abi.encodeCall(hub.settle, (id, index, member(k), start(), datasetId(k), dataset(k), points, file));
    }

    function stake(uint256 k) private view returns (uint256) {
        return hub.vault().stakeOf(id, member(k));
    }

    /// The claim of member 0 is removed, its bond cut; that of member 1 is what it was.
    function assertRemoved() private view {
        assertEq(hub.progress(id).removed, 1, "removed");
        assertEq(stake(0), 5000, "its bond");
        assertEq(stake(1), 10_000, "of nobody else");
        assertEq(hub.due(id, member(0)), 0, "no reward");
    }

    function test_aTrueClaimHoldsWhenDemanded() external {
        (bytes memory first, bytes memory second) = (update(0), update(1));
        submitClaim(0, first, proof(0));
        submitClaim(1, second, proof(1));
        demand(0, 0, first, proof(0));
        bytes memory call = settleCall(0, 0, first, proof(0));
        send(member(0), call);
        assertEq(hub.progress(id).removed, 0, "none removed");
        assertEq(stake(0), 10_000, "its stake is whole");
        assertEq(hub.claim(id, member(0)), 70, "paid for the answer");
        cheats.expectRevert(abi.encodeWithSelector(ClaimSettled.selector));
        (bool ok,) = address(hub).call(call);
        assertTrue(ok, "refused: once");
    }

    /// Its hash was posted, so its author meant it.
    function test_aChangedProofIsSettledAgainstItsAuthor() external {
        (bytes memory points, bytes memory file) = (update(0), proof(0));
        // the last byte of e1, before two points
        file[file.length - 129] ^= 0x01;
        submitClaim(0, points, file);
        submitClaim(1, update(1), proof(1));
        demand(0, 0, points, file);
        send(ANYBODY, settleCall(0, 0, points, file));
        assertRemoved();
        assertEq(hub.claim(id, ANYBODY), 70, "the deposit comes back");
        assertEq(coin.balanceOf(ANYBODY), 70, "paid out");
    }

    function test_aProofOfAnotherMemberIsSettledAgainstItsAuthor() external {
        (bytes memory points, bytes memory file) = (update(1), proof(1));
        submitClaim(0, points, file);
        submitClaim(1, points, file);
        send(ANYBODY, settleCall(0, 0, points, file));
        assertRemoved();
        send(ANYBODY, settleCall(1, 1, points, file));
        assertRemoved();
    }

    /// A true proof, of other points than were claimed.
    function test_pointsOfAnotherUpdateAreSettledAgainstTheirAuthor() external {
        (bytes memory points, bytes memory file) = (update(1), proof(0));
        submitClaim(0, points, file);
        submitClaim(1, points, proof(1));
        send(ANYBODY, settleCall(0, 0, points, file));
        assertRemoved();
    }

    /// A true claim cannot be settled by any other file, nor with too little gas for a verdict.
    function test_nothingElseSettlesATrueClaim() external {
        (bytes memory points, bytes memory file) = (update(0), proof(0));
        submitClaim(0, points, file);
        bytes memory call = settleCall(0, 0, points, file);
        (bool ok,) = address(hub).call{gas: 11_000_000}(call);
        assertTrue(!ok, "too little gas");
        file[2000] ^= 0x01;
        (ok,) = address(hub).call(settleCall(0, 0, points, file));
        assertTrue(!ok, "not what was claimed");
        assertEq(hub.progress(id).removed, 0, "none removed");
        send(ANYBODY, call);
        assertEq(stake(0), 10_000, "it holds");
    }
}
