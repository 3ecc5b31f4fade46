// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CommitRevealBeacon, NotEntered} from "../../src/beacons/CommitRevealBeacon.sol";
import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import "../../src/protocol/HubErrors.sol";
import {HubBase} from "./HubBase.sol";

/// The hub with the beacon of nonces that members reveal.
contract NoncesTest is HubBase {
    CommitRevealBeacon private immutable nonces = new CommitRevealBeacon();

    /// x_r of a member: x_3 is the tip of a task with three rounds.
    function nonce(address who, uint256 r) private pure returns (bytes32 x) {
        x = keccak256(abi.encode("nonce", who));
        for (uint256 i = 0; i < r; ++i) {
            x = keccak256(abi.encode(x));
        }
    }

    function tipOf(address who) internal pure override returns (bytes32) {
        return nonce(who, 3);
    }

    function reveal(bytes32 id, uint256 k, uint256 round) private {
        cheats.prank(member(k));
        nonces.reveal(address(hub), id, nonce(member(k), 2 - round));
    }

    function opened() private returns (bytes32 id) {
        Task memory t = defaults();
        t.beacon = nonces;
        id = open(t);
        for (uint256 k = 1; k <= 3; ++k) {
            join(id, k);
        }
        cheats.roll(block.number + 1);
        cheats.warp(progress(id).deadline);
        hub.advance(id);
        assertPhase(id, Phase.Revealing);
    }

    function test_aRoundBeginsWhenAllHaveRevealed() public {
        bytes32 id = opened();
        reveal(id, 1, 0);
        reveal(id, 2, 0);
        expect(abi.encodeWithSelector(TooEarly.selector, progress(id).deadline));
        hub.advance(id);
        reveal(id, 3, 0);
        hub.advance(id);
        assertPhase(id, Phase.Submitting);
        (, bytes32 value,) = nonces.seed(address(hub), id, 0);
        assertEq(progress(id).seed, keccak256(abi.encode(id, uint32(0), progress(id).start, value)), "seed");
    }

    function test_whoWithholdsIsPunishedAndTheOthersGoOn() public {
        bytes32 id = opened();
        reveal(id, 1, 0);
        reveal(id, 2, 0);
        cheats.warp(progress(id).deadline);
        hub.advance(id);
        hub.reportAbsent(id, 0, member(3));
        assertEq(vault.stakeOf(id, member(3)), 9000, "revealPenalty");
        submit(id, 1, 1);
        submit(id, 2, 2);
        // another dataset and chain of nonces in the middle of a round
        joinWith(id, member(1), dataset(7));
        hub.advance(id);
        close(id, points(300, NW));
        cheats.prank(member(3));
        bytes32 withheld = nonce(member(3), 1);
        expect(abi.encodeWithSelector(NotEntered.selector, member(3)));
        nonces.reveal(address(hub), id, withheld);
        reveal(id, 1, 1);
        reveal(id, 2, 1);
        hub.advance(id);
        assertPhase(id, Phase.Submitting);
        assertEq(progress(id).entered, 2, "without member 3");
    }

    function test_nobodyReveals() public {
        bytes32 id = opened();
        cheats.warp(progress(id).deadline);
        hub.advance(id);
        assertPhase(id, Phase.Cancelled);
        hub.reportAbsent(id, 0, member(1));
        assertEq(vault.stakeOf(id, member(1)), 9000, "punished all the same");
    }
}
